package io.walrelay.proxy.simulation;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.random.RandomGenerator;

/**
 * The contents of a file, block by block: what a read gives, and what is durable. A block is never changed in place, so
 * both may share it; null is a block of zeros.
 */
final class Inode {
    static final int BLOCK = 4096;
    private static final byte[] ZEROS = new byte[BLOCK];

    private byte[][] current = {};
    private byte[][] durable = {};
    private int size;
    private int durableSize;
    private final BitSet dirty = new BitSet();
    private long changes;

    int size() {
        return size;
    }

    /** How often the file was written to. */
    long changes() {
        return changes;
    }

    void write(int position, ByteBuffer data) {
        changes++;
        int at = position;
        size = Math.max(size, position + data.remaining());
        int blocks = (size + BLOCK - 1) / BLOCK;
        if (blocks > current.length) {
            current = Arrays.copyOf(current, blocks);
        }
        while (data.hasRemaining()) {
            int offset = at % BLOCK;
            int length = Math.min(BLOCK - offset, data.remaining());
            if (length == BLOCK && data.slice(data.position(), BLOCK).equals(ByteBuffer.wrap(ZEROS))) {
                data.position(data.position() + BLOCK);
                current[at / BLOCK] = null;
            } else {
                byte[] old = current[at / BLOCK];
                byte[] block = old == null || length == BLOCK ? new byte[BLOCK] : old.clone();
                data.get(block, offset, length);
                current[at / BLOCK] = block;
            }
            dirty.set(at / BLOCK);
            at += length;
        }
    }

    /** Bits are flipped, in what is read and in what is durable; whether it counts as a write. */
    void change(int position, int bits, boolean written) {
        changes += written ? 1 : 0;
        flip(current, position, bits);
        flip(durable, position, bits);
    }

    private static void flip(byte[][] blocks, int position, int bits) {
        byte[] old = blocks[position / BLOCK];
        byte[] block = old == null ? new byte[BLOCK] : old.clone();
        block[position % BLOCK] ^= (byte) bits;
        blocks[position / BLOCK] = block;
    }

    int read(int position, ByteBuffer target) {
        return read(current, size, position, target);
    }

    private static int read(byte[][] blocks, int size, int position, ByteBuffer target) {
        int total = Math.max(0, Math.min(target.remaining(), size - position));
        for (int done = 0; done < total; ) {
            int at = position + done;
            int offset = at % BLOCK;
            int length = Math.min(BLOCK - offset, total - done);
            byte[] block = blocks[at / BLOCK];
            target.put(block == null ? ZEROS : block, offset, length);
            done += length;
        }
        return total;
    }

    /** Reads what a power failure that keeps nothing would leave. */
    int readDurable(int position, ByteBuffer target) {
        return read(durable, durableSize, position, target);
    }

    void sync() {
        durable = Arrays.copyOf(durable, current.length);
        dirty.stream().forEach(block -> durable[block] = current[block]);
        durableSize = size;
        dirty.clear();
    }

    /** A failed fsync: what was not durable is gone, and nothing tells so any more. */
    void drop() {
        current = Arrays.copyOf(durable, durable.length);
        size = durableSize;
        dirty.clear();
    }

    /** A crash keeps whatever blocks it likes of those that were not synced; the size is one of the two. */
    void crash(RandomGenerator random, double kept) {
        if (dirty.isEmpty() && size == durableSize) {
            return;
        }
        int blocks = Math.max(current.length, durable.length);
        byte[][] after = Arrays.copyOf(durable, blocks);
        for (int block : dirty.stream().toArray()) {
            if (random.nextDouble() < kept) {
                after[block] = current[block];
            }
        }
        boolean grown = random.nextDouble() < kept;
        durableSize = grown ? size : durableSize;
        durable = Arrays.copyOf(after, (durableSize + BLOCK - 1) / BLOCK);
        drop();
    }
}
