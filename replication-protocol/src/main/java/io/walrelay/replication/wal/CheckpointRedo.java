package io.walrelay.replication.wal;

import java.nio.ByteBuffer;

/**
 * Picks the redo position out of checkpoint records as they pass: the first eight bytes of their main data ({@code
 * CheckPoint} of {@code pg_control.h}), behind the two bytes that say that the main data is short. Makes no garbage.
 */
final class CheckpointRedo {
    private static final int SHORT_MAIN_DATA = 0xFF;

    /** Of the body: the block id, the length, and the position behind them. */
    private static final int LENGTH = 10;

    private static final int REDO = 2;

    private final byte[] head = new byte[LENGTH];
    private boolean isCheckpoint;
    private int collected;
    private long redo;

    /** A record's header is complete; its body follows. */
    void begin(WalRecordHeader header) {
        isCheckpoint = header.isCheckpoint();
        collected = 0;
    }

    void body(ByteBuffer wal, int index, int length) {
        if (isCheckpoint) {
            for (int i = 0; i < length && collected < LENGTH; i++) {
                head[collected++] = wal.get(index + i);
            }
        }
    }

    /** The record is there as a whole, and valid. */
    void complete() {
        if (isCheckpoint && collected == LENGTH && (head[0] & 0xFF) == SHORT_MAIN_DATA) {
            long position = 0;
            for (int i = LENGTH - 1; i >= REDO; i--) {
                position = (position << 8) | (head[i] & 0xFF);
            }
            redo = position;
        }
        isCheckpoint = false;
    }

    /** Of the newest checkpoint; 0 if none was seen. */
    long redo() {
        return redo;
    }
}
