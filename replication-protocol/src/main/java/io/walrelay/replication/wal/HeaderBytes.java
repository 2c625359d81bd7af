package io.walrelay.replication.wal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The bytes of a header that comes in pieces, and its little-endian numbers. */
final class HeaderBytes {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final byte[] bytes;
    private int count;

    HeaderBytes(int capacity) {
        this.bytes = new byte[capacity];
    }

    void clear() {
        count = 0;
    }

    int count() {
        return count;
    }

    byte[] array() {
        return bytes;
    }

    /** Takes bytes until there are {@code wanted}; tells how many it took. */
    int collect(ByteBuffer in, int index, int available, int wanted) {
        int taken = Math.min(available, wanted - count);
        BufferBytes.copy(in, index, bytes, count, taken);
        count += taken;
        return taken;
    }

    int unsignedByte(int offset) {
        return Byte.toUnsignedInt(bytes[offset]);
    }

    int unsignedShort(int offset) {
        return Short.toUnsignedInt((short) SHORT.get(bytes, offset));
    }

    int int32(int offset) {
        return (int) INT.get(bytes, offset);
    }

    long unsignedInt(int offset) {
        return Integer.toUnsignedLong(int32(offset));
    }

    long int64(int offset) {
        return (long) LONG.get(bytes, offset);
    }
}
