package io.walrelay.proxy.wal;

import io.walrelay.replication.WalFileName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes written WAL durable, as much at a time as has gathered (group flush). Little WAL is flushed by the upstream
 * loop itself, as PostgreSQL's walreceiver does, while the disk is quick: to hand it to another thread and be told by
 * that one would take a commit longer. All else is flushed on the {@code wal-flusher} thread, while the loop goes on
 * receiving. A segment that is full gets its final name after its fdatasync; the directory is synced before any
 * position behind a new name is published as flushed.
 *
 * <p>A failed fsync ends it, and the program: the kernel reports such a failure once and may have dropped the pages, so
 * a second try that succeeds would prove nothing (PostgreSQL's {@code data_sync_retry = off}).
 */
final class WalFlusher implements AutoCloseable {
    /** What is flushed by the loop that wrote it, in bytes: the most that one message of the upstream brings. */
    private static final long LITTLE = 128 << 10;

    private final WalDirectory directory;
    private final Executor thread;
    private final FlushTime usual;
    private final Consumer<WalFileName> completed;
    private final Runnable flushed;
    private final Consumer<IOException> failed;

    // What has been written and not yet flushed: given by the upstream loop, taken by a round, under this lock.
    private final Object lock = new Object();
    private Work pending = new Work();

    /** Of the rounds: what the last one has done, empty again. */
    private Work done = new Work();

    /** Whether the thread has been told of it. */
    private boolean handedOver;

    /** Held by the one round there is at a time. */
    private final ReentrantLock round = new ReentrantLock();

    /** Of the rounds: one has failed, and there is none after it. */
    private boolean ended;

    /**
     * @param thread runs the rounds, but for those that {@link #drain} waits for and those of the upstream loop
     * @param usual how long a flush takes
     * @param completed told of each segment that has got its final name, before that is published
     * @param flushed told after each flush
     * @param failed told once; nothing is flushed any more
     */
    WalFlusher(
            WalDirectory directory,
            Executor thread,
            FlushTime usual,
            Consumer<WalFileName> completed,
            Runnable flushed,
            Consumer<IOException> failed) {
        this.directory = directory;
        this.thread = thread;
        this.usual = usual;
        this.completed = completed;
        this.flushed = flushed;
        this.failed = failed;
    }

    /** What one round has to make durable. There are two, which take turns: nothing is made anew for each write. */
    private static final class Work {
        /** Segments that are done with: they are renamed and released. */
        private final List<WalSegment> full = new ArrayList<>();

        private @Nullable WalSegment current;
        private boolean newName;

        /** Whose positions move to those below, values of LSNs; without it there is nothing to do yet. */
        private @Nullable WalEnd end;

        private long position;
        private long records;

        void reach(WalEnd current, long to, long wholeRecords) {
            end = current;
            position = to;
            records = wholeRecords;
        }

        /** Whether it is one fdatasync of little: what a commit brings. */
        boolean isLittle() {
            return end != null && !newName && position - end.flushedValue() <= LITTLE;
        }

        void clear() {
            full.clear();
            current = null;
            newName = false;
            end = null;
        }
    }

    /**
     * The upstream loop has written {@code current} up to {@code position}, which is {@code end}'s written position;
     * the last whole record before it ends at {@code records}; both are values of LSNs. {@link #flush} is to follow.
     */
    void written(WalEnd end, long position, long records, WalSegment current) {
        synchronized (lock) {
            pending.current = current;
            pending.reach(end, position, records);
        }
    }

    /**
     * The upstream loop has written the last byte of {@code segment}, and gives its reference away. {@link #flush} is
     * to follow.
     */
    void full(WalSegment segment, WalEnd end, long position, long records) {
        synchronized (lock) {
            pending.full.add(segment);
            pending.current = null;
            pending.newName = true;
            pending.reach(end, position, records);
        }
    }

    /** The upstream loop has created a segment, whose name is not durable yet. It is about to be written to. */
    void created() {
        synchronized (lock) {
            pending.newName = true;
        }
    }

    /** Sees to it that all that was written becomes durable: at once, if that is soon done, else on the thread. */
    void flush() {
        if (!flushedAtOnce()) {
            handOver();
        }
    }

    /** What comes while another round is at work gathers for the next one. */
    private boolean flushedAtOnce() {
        if (!round.tryLock()) {
            return false;
        }
        try {
            if (!usual.isBrief() || !isLittlePending()) {
                return false;
            }
            flushPending();
            return true;
        } finally {
            round.unlock();
        }
    }

    private boolean isLittlePending() {
        synchronized (lock) {
            return pending.isLittle();
        }
    }

    private void handOver() {
        synchronized (lock) {
            if (handedOver || pending.end == null) {
                return;
            }
            handedOver = true;
        }
        thread.execute(this::flushPending);
    }

    /**
     * Returns when all that was handed over is durable, or a flush has failed; flushes here what no round has begun.
     */
    void drain() {
        flushPending();
    }

    /** One round, once the one before is over. */
    private void flushPending() {
        round.lock();
        try {
            Work work = take();
            if (work.end != null && !ended) {
                flush(work, work.end);
            }
            work.clear();
        } catch (IOException e) {
            end(e);
        } catch (RuntimeException defect) {
            // Nothing is flushed any more; that must not go unnoticed.
            end(new IOException("wal-flusher has failed: " + defect.getMessage(), defect));
        } finally {
            round.unlock();
        }
    }

    private Work take() {
        synchronized (lock) {
            handedOver = false;
            if (pending.end == null) {
                return done;
            }
            Work work = pending;
            pending = done;
            done = work;
            return work;
        }
    }

    private void flush(Work work, WalEnd end) throws IOException {
        for (WalSegment segment : work.full) {
            segment.file().sync();
            directory.complete(segment);
            // Before the next one gets its name: a crash must not leave a segment and lose the one before.
            directory.sync();
            completed.accept(segment.name());
            segment.release();
        }
        if (work.current != null) {
            usual.measure(work.current.file());
        }
        if (work.newName && work.full.isEmpty()) {
            directory.sync();
        }
        end.flushed(work.position, work.records);
        flushed.run();
    }

    private void end(IOException reason) {
        ended = true;
        failed.accept(reason);
    }

    /** Flushes what is left. */
    @Override
    public void close() {
        drain();
    }
}
