package io.walrelay.proxy.storage;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * One open file. Positions and sizes are bytes from the start of the file. Safe for one writer and any number of
 * readers; {@link #sync()} may run on another thread than the writes it covers.
 */
public interface StoredFile extends Closeable {
    /** Writes all that remains of {@code data}, from {@code position} on. */
    void write(long position, ByteBuffer data) throws IOException;

    /** Reads into {@code target} from {@code position}; returns the bytes read, 0 at or behind the end of the file. */
    int read(long position, ByteBuffer target) throws IOException;

    /**
     * Has a part of the file brought into the page cache, as far as it is not there. Blocks while the disk reads; what
     * is behind the end of the file is left out.
     */
    void load(long position, long length) throws IOException;

    /** Makes all that was written, and the size, durable ({@code fdatasync}). A failure may be reported only once. */
    void sync() throws IOException;

    /** The current size. */
    long size() throws IOException;

    /** The channel for the kernel to send from ({@code sendfile}); its own position is never used. */
    FileChannel channel();
}
