package io.walrelay.proxy.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * A storage on which no fsync fails unnoticed: whoever asked for it might try again, and the kernel, which may have
 * dropped what it could not write, would then say that all is well. PostgreSQL panics for the same reason ({@code
 * data_sync_retry}).
 */
public final class FailStopStorage implements Storage {
    private final Storage storage;
    private final Consumer<IOException> syncFailed;

    /**
     * Watches over a storage.
     *
     * @param syncFailed told of each failure before the caller is
     */
    public FailStopStorage(Storage storage, Consumer<IOException> syncFailed) {
        this.storage = storage;
        this.syncFailed = syncFailed;
    }

    private interface Sync {
        void run() throws IOException;
    }

    private void stopUnlessDone(Sync sync) throws IOException {
        try {
            sync.run();
        } catch (IOException e) {
            syncFailed.accept(e);
            throw e;
        }
    }

    @Override
    public StoredFile openToRead(Path file) throws IOException {
        return storage.openToRead(file);
    }

    @Override
    public StoredFile openToWrite(Path file) throws IOException {
        return new Watched(storage.openToWrite(file));
    }

    @Override
    public StoredFile create(Path file) throws IOException {
        return new Watched(storage.create(file));
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        storage.rename(from, to);
    }

    @Override
    public void delete(Path file) throws IOException {
        storage.delete(file);
    }

    @Override
    public void createDirectories(Path directory) throws IOException {
        storage.createDirectories(directory);
    }

    @Override
    public boolean exists(Path path) {
        return storage.exists(path);
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        return storage.list(directory);
    }

    @Override
    public byte[] readAll(Path file) throws IOException {
        return storage.readAll(file);
    }

    @Override
    public long usableSpace(Path directory) throws IOException {
        return storage.usableSpace(directory);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        stopUnlessDone(() -> storage.syncDirectory(directory));
    }

    private final class Watched implements StoredFile {
        private final StoredFile file;

        Watched(StoredFile file) {
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
            stopUnlessDone(file::sync);
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
