package io.walrelay.proxy.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * A file system on which a failed fsync, of whatever file or directory, ends the program before anything is made of it.
 * The kernel may have dropped what it could not write and reports that once: a second try that succeeds would prove
 * nothing (PostgreSQL's {@code data_sync_retry = off}). What is on disk is found out by starting anew.
 */
public final class PanickingStorage implements Storage {
    private final Storage real;
    private final Consumer<IOException> panic;

    /** @param panic ends the program, and does not return */
    public PanickingStorage(Storage real, Consumer<IOException> panic) {
        this.real = real;
        this.panic = panic;
    }

    private interface Sync {
        void run() throws IOException;
    }

    private void sync(Sync sync) throws IOException {
        try {
            sync.run();
        } catch (IOException e) {
            panic.accept(e);
            throw e;
        }
    }

    @Override
    public StoredFile openToRead(Path file) throws IOException {
        return real.openToRead(file);
    }

    @Override
    public StoredFile openToWrite(Path file) throws IOException {
        return new PanickingFile(real.openToWrite(file));
    }

    @Override
    public StoredFile create(Path file) throws IOException {
        return new PanickingFile(real.create(file));
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
    public void createDirectories(Path directory) throws IOException {
        real.createDirectories(directory);
    }

    @Override
    public boolean exists(Path path) {
        return real.exists(path);
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        return real.list(directory);
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
        sync(() -> real.syncDirectory(directory));
    }

    private final class PanickingFile implements StoredFile {
        private final StoredFile file;

        PanickingFile(StoredFile file) {
            this.file = file;
        }

        @Override
        public void write(long position, ByteBuffer[] data, int count) throws IOException {
            file.write(position, data, count);
        }

        @Override
        public int read(long position, ByteBuffer target) throws IOException {
            return file.read(position, target);
        }

        @Override
        public void sync() throws IOException {
            PanickingStorage.this.sync(file::sync);
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public FileChannel channel() {
            return file.channel();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
