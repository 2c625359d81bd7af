package io.walrelay.replication.wal;

import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Copies bytes out of any buffer without garbage. Netty's own {@code getBytes} makes a view of a direct buffer for each
 * call where {@code sun.misc.Unsafe} is not to be had.
 */
final class BufferBytes {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private BufferBytes() {}

    static void copy(ByteBuf from, int index, byte[] to, int offset, int length) {
        if (from.hasArray()) {
            System.arraycopy(from.array(), from.arrayOffset() + index, to, offset, length);
            return;
        }
        int done = 0;
        for (; done + Long.BYTES <= length; done += Long.BYTES) {
            LONG.set(to, offset + done, from.getLongLE(index + done));
        }
        for (; done < length; done++) {
            to[offset + done] = from.getByte(index + done);
        }
    }
}
