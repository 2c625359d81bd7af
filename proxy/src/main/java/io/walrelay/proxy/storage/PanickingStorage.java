package io.walrelay.proxy.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * A file system on which a failed fsync, of whatever file or directory, ends the program before anything is made of it.
 * The kernel may have dropped what it could not write and reports that once: a second try that succeeds would prove
 * nothing (PostgreSQL's {@code data_sync_retry = off}). What is on disk is found out by starting anew.
 */
public final class PanickingStorage extends ForwardingStorage {
    private final Consumer<IOException> panic;

    /** @param panic ends the program, and does not return */
    public PanickingStorage(Storage real, Consumer<IOException> panic) {
        super(real);
        this.panic = panic;
    }

    private interface Sync {
        void run() throws IOException;
    }

    private void orPanic(Sync sync) throws IOException {
        try {
            sync.run();
        } catch (IOException e) {
            panic.accept(e);
            throw e;
        }
    }

    @Override
    public StoredFile openToWrite(Path file) throws IOException {
        return new PanickingFile(super.openToWrite(file));
    }

    @Override
    public StoredFile create(Path file) throws IOException {
        return new PanickingFile(super.create(file));
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        orPanic(() -> super.syncDirectory(directory));
    }

    private final class PanickingFile extends ForwardingFile {
        PanickingFile(StoredFile file) {
            super(file);
        }

        @Override
        public void sync() throws IOException {
            orPanic(super::sync);
        }
    }
}
