package io.walrelay.proxy.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A file system that does what another one does: the base of those that add to it. */
public abstract class ForwardingStorage implements Storage {
    private final Storage real;

    /** @param real does it */
    protected ForwardingStorage(Storage real) {
        this.real = real;
    }

    @Override
    public StoredFile openToRead(Path file) throws IOException {
        return real.openToRead(file);
    }

    @Override
    public StoredFile openToWrite(Path file) throws IOException {
        return real.openToWrite(file);
    }

    @Override
    public StoredFile create(Path file) throws IOException {
        return real.create(file);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        real.rename(from, to);
    }

    @Override
    public void delete(Path file) throws IOException {
        real.delete(file);
    }

    @Override
    public void createDirectory(Path directory) throws IOException {
        real.createDirectory(directory);
    }

    @Override
    public boolean exists(Path path) throws IOException {
        return real.exists(path);
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        return real.list(directory);
    }

    @Override
    public FileVersion version(Path file) throws IOException {
        return real.version(file);
    }

    @Override
    public byte[] readAll(Path file) throws IOException {
        return real.readAll(file);
    }

    @Override
    public long usableSpace(Path directory) throws IOException {
        return real.usableSpace(directory);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        real.syncDirectory(directory);
    }
}
