package io.walrelay.proxy.walsender;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.walrelay.proxy.storage.StoredFile;
import io.walrelay.proxy.wal.WalEnd;
import io.walrelay.proxy.wal.WalSegment;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.WalFileName;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What one event loop's senders have read of the WAL last, for those of them that stand at the same place: one reads,
 * the others are given the same bytes. Keeps at most {@value #KEPT} pieces, each of one message, so 1 MB, and none for
 * long; where there is one sender only for their memory, and no more than wait to be encrypted. Confined to the loop.
 *
 * <p>A piece is good for the very file and positions that it was read for, and only until WAL is taken back, the
 * timeline changes, or any stored segment is replaced or found changed: then everything is read anew. Its memory is
 * used again when nobody has a view of it any more, and so are its views.
 */
final class SharedReads {
    static final int KEPT = 8;

    /** How long a piece may be given out after it was read. */
    static final long HOLDS = TimeUnit.SECONDS.toNanos(1);

    /** The least memory of a piece, in bytes, so that it will do for another. */
    private static final int LEAST = 16 << 10;

    private final EventLoop loop;
    private final WalStore wal;
    private final LongSupplier nanoTime;
    private final Piece[] pieces = new Piece[KEPT];
    private int next;
    private int senders;
    private long lastUsed;

    /** Looks whether nothing was used for long; null while nothing was kept since it last saw that. */
    private @Nullable ScheduledFuture<?> watch;

    /** The WAL of one message: the last bytes of its memory, so that nobody can write behind it. */
    private static final class Piece {
        /** Slices of all of the memory, which count its references; the first {@link #given} are in use, or were. */
        private final List<ByteBuf> views = new ArrayList<>();

        private int given;
        private @Nullable ByteBuf bytes;
        private @Nullable WalFileName file;
        private @Nullable WalEnd end;
        private int replacements;
        private long from;
        private int length;
        private long readAt;

        ByteBuf bytes() {
            return Objects.requireNonNull(bytes);
        }

        /** Memory for {@code length} bytes; what was read before is forgotten. */
        ByteBuf room(int length) {
            ByteBuf before = bytes;
            if (before != null && !isInUse() && before.capacity() >= length) {
                file = null;
                given = 0;
                return before;
            }
            drop();
            int capacity = Math.max(LEAST, length);
            ByteBuf room = ByteBufAllocator.DEFAULT.directBuffer(capacity, capacity);
            bytes = room;
            return room;
        }

        boolean isInUse() {
            ByteBuf there = bytes;
            return there != null && there.refCnt() > 1;
        }

        /** What was read, with indices of its own: one that was given before the memory was used again is free. */
        ByteBuf view() {
            ByteBuf read = bytes();
            if (given == views.size()) {
                views.add(read.slice(0, read.capacity()));
            }
            return views.get(given++)
                    .setIndex(read.capacity() - length, read.capacity())
                    .retain();
        }

        void drop() {
            ByteBuf before = bytes;
            bytes = null;
            file = null;
            end = null;
            views.clear();
            given = 0;
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
     * WAL of a segment, found or read, to be copied before the next is asked for.
     *
     * @param from the value of the LSN at {@code offset}
     * @param length in bytes
     * @throws IOException if it cannot be read, or the file has less
     */
    ByteBuf read(WalSegment segment, int offset, long from, int length) throws IOException {
        return read(segment.name(), segment.file(), offset, from, length);
    }

    ByteBuf read(WalFileName name, StoredFile file, int offset, long from, int length) throws IOException {
        ByteBuf bytes = piece(name, file, offset, from, length).bytes();
        return bytes.setIndex(bytes.capacity() - length, bytes.capacity());
    }

    /** The same, to be kept: the caller releases it. */
    ByteBuf view(WalSegment segment, int offset, long from, int length) throws IOException {
        return view(segment.name(), segment.file(), offset, from, length);
    }

    ByteBuf view(WalFileName name, StoredFile file, int offset, long from, int length) throws IOException {
        Piece piece = piece(name, file, offset, from, length);
        return piece.view();
    }

    private Piece piece(WalFileName name, StoredFile file, int offset, long from, int length) throws IOException {
        // Before it is read: who looks for it later must not take it for what came after.
        WalEnd end = wal.end();
        int replacements = wal.integrity().replacements();
        long now = nanoTime.getAsLong();
        lastUsed = now;
        Piece found = senders < 2 ? null : find(name, from, length, end, replacements, now);
        if (found != null) {
            return found;
        }
        Piece piece = oldest();
        ByteBuf bytes = piece.room(length);
        int read = file.read(offset, bytes.internalNioBuffer(bytes.capacity() - length, length));
        if (read < length) {
            throw new EOFException("read " + read + " of " + length + " bytes");
        }
        piece.file = name;
        piece.end = end;
        piece.replacements = replacements;
        piece.from = from;
        piece.length = length;
        piece.readAt = now;
        if (watch == null) {
            watch = loop.schedule(this::dropIfIdle, HOLDS, TimeUnit.NANOSECONDS);
        }
        return piece;
    }

    /** The one to be read into: where nothing is shared the same as before, unless that waits to be encrypted. */
    private Piece oldest() {
        if (senders > 1 || pieces[next].isInUse()) {
            next = (next + 1) % KEPT;
        }
        return pieces[next];
    }

    private @Nullable Piece find(WalFileName file, long from, int length, WalEnd end, int replacements, long now) {
        for (Piece piece : pieces) {
            if (piece.from == from
                    && piece.length == length
                    && now - piece.readAt < HOLDS
                    && piece.end == end
                    && piece.replacements == replacements
                    && file.equals(piece.file)) {
                return piece;
            }
        }
        return null;
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
