package io.walrelay.proxy.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** A file that does what another one does: the base of those that add to it. */
public abstract class ForwardingFile implements StoredFile {
    private final StoredFile real;

    /** @param real does it */
    protected ForwardingFile(StoredFile real) {
        this.real = real;
    }

    @Override
    public void write(long position, ByteBuffer data) throws IOException {
        real.write(position, data);
    }

    @Override
    public int read(long position, ByteBuffer target) throws IOException {
        return real.read(position, target);
    }

    @Override
    public void load(long position, long length) throws IOException {
        real.load(position, length);
    }

    @Override
    public void sync() throws IOException {
        real.sync();
    }

    @Override
    public long size() throws IOException {
        return real.size();
    }

    @Override
    public FileChannel channel() {
        return real.channel();
    }

    @Override
    public void close() throws IOException {
        real.close();
    }
}
