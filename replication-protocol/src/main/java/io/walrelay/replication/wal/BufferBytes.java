package io.walrelay.replication.wal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Copies a few bytes out of a buffer without garbage, and faster than by {@link ByteBuffer#get(int, byte[])}, which has
 * its price outside of the heap. The buffer's byte order is big-endian, as it is unless it was changed.
 */
final class BufferBytes {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private BufferBytes() {}

    static void copy(ByteBuffer from, int index, byte[] to, int offset, int length) {
        int done = 0;
        for (; done + Long.BYTES <= length; done += Long.BYTES) {
            LONG.set(to, offset + done, from.getLong(index + done));
        }
        for (; done < length; done++) {
            to[offset + done] = from.get(index + done);
        }
    }
}
