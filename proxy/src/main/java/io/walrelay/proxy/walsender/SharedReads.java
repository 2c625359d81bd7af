package io.walrelay.proxy.walsender;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.walrelay.proxy.wal.WalEnd;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.WalFileName;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What one event loop's senders have read of the WAL last, for those of them that stand at the same place: one reads, the
 * others are given slices of the same bytes. Keeps at most {@value #KEPT} pieces, each of one message, so 1 MB, as long as
 * there are several senders, and none for long. Confined to the loop; the pieces belong to this, slices to who is given them.
 *
 * <p>A piece is good for the very file and positions that it was read for, and only until WAL is taken back, the timeline
 * changes, or any stored segment is replaced or found changed: then everything is read anew.
 */
final class SharedReads {
    static final int KEPT = 8;

    /** How long a piece may be given out after it was read. */
    static final long HOLDS = TimeUnit.SECONDS.toNanos(1);

    /** How old the header of a message may be, which says when it was sent and how much WAL there was. */
    static final long HEADER_HOLDS = TimeUnit.MILLISECONDS.toNanos(1);

    /** A piece without a header is good for every end of the WAL. */
    static final long NO_HEADER = -1;

    private final EventLoop loop;
    private final WalStore wal;
    private final LongSupplier nanoTime;
    private final Piece[] pieces = new Piece[KEPT];
    private int next;
    private int senders;
    private long lastUsed;

    /** Looks whether nothing was used for long; null while nothing was kept since it last saw that. */
    private @Nullable ScheduledFuture<?> watch;

    /** What the WAL was when it was last looked for, and so before it was read. */
    private @Nullable WalEnd lookedEnd;

    private int lookedReplacements;

    /** One message, or the WAL of one. */
    private static final class Piece {
        private @Nullable ByteBuf bytes;
        private @Nullable WalFileName file;
        private @Nullable WalEnd end;
        private int replacements;
        private long from;
        private int length;
        private long walEnd;
        private long readAt;

        void drop() {
            ByteBuf before = bytes;
            bytes = null;
            file = null;
            end = null;
            if (before != null) {
                before.release();
            }
        }
    }

    SharedReads(EventLoop loop, WalStore wal, LongSupplier nanoTime) {
        this.loop = loop;
        this.nanoTime = nanoTime;
        this.wal = wal;
        for (int i = 0; i < KEPT; i++) {
            pieces[i] = new Piece();
        }
    }

    /** How many senders the loop has now: one alone has nobody to share with. */
    void senders(int count) {
        senders = count;
        if (count < 2) {
            drop();
        }
    }

    /**
     * What has been read of this, as a slice that the caller releases; null if it has to be read, and then {@link #keep
     * kept} before anything else is looked for.
     *
     * @param length of the WAL, in bytes
     * @param walEnd what the header says, or {@link #NO_HEADER}
     */
    @Nullable
    ByteBuf find(WalFileName file, long from, int length, long walEnd) {
        if (senders < 2) {
            return null;
        }
        lookedEnd = wal.end();
        lookedReplacements = wal.integrity().replacements();
        long now = nanoTime.getAsLong();
        long holds = walEnd == NO_HEADER ? HOLDS : HEADER_HOLDS;
        for (Piece piece : pieces) {
            ByteBuf bytes = piece.bytes;
            if (bytes != null
                    && piece.from == from
                    && piece.length == length
                    && piece.walEnd == walEnd
                    && now - piece.readAt < holds
                    && piece.end == lookedEnd
                    && piece.replacements == lookedReplacements
                    && file.equals(piece.file)) {
                lastUsed = now;
                return slice(bytes);
            }
        }
        return null;
    }

    /**
     * Keeps what was read because it was not found, if there is anybody to share it with.
     *
     * @param bytes the caller's, who is given a slice in its place, or the same back
     */
    ByteBuf keep(WalFileName file, long from, int length, long walEnd, ByteBuf bytes) {
        if (senders < 2) {
            return bytes;
        }
        Piece piece = pieces[next];
        next = (next + 1) % KEPT;
        piece.drop();
        piece.bytes = bytes;
        piece.file = file;
        piece.end = lookedEnd;
        piece.replacements = lookedReplacements;
        piece.from = from;
        piece.length = length;
        piece.walEnd = walEnd;
        piece.readAt = nanoTime.getAsLong();
        lastUsed = piece.readAt;
        if (watch == null) {
            watch = loop.schedule(this::dropIfIdle, HOLDS, TimeUnit.NANOSECONDS);
        }
        return slice(bytes);
    }

    /** A slice, since nobody can write behind its end: TLS joins small buffers by appending to the first. */
    private static ByteBuf slice(ByteBuf bytes) {
        return bytes.retainedSlice(0, bytes.writerIndex());
    }

    private void dropIfIdle() {
        long idle = nanoTime.getAsLong() - lastUsed;
        if (idle >= HOLDS) {
            watch = null;
            drop();
        } else {
            watch = loop.schedule(this::dropIfIdle, HOLDS - idle, TimeUnit.NANOSECONDS);
        }
    }

    private void drop() {
        for (Piece piece : pieces) {
            piece.drop();
        }
    }
}
