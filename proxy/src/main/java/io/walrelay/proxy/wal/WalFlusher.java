package io.walrelay.proxy.wal;

import io.walrelay.replication.Lsn;
import io.walrelay.replication.WalFileName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Makes written WAL durable, as much at a time as has gathered (group flush), on the {@code wal-flusher} thread, while
 * the upstream loop goes on writing. A segment that is full gets its final name after its fdatasync; the directory is
 * synced before any position behind a new name is published as flushed.
 *
 * <p>A failed fsync ends it, and the program: the kernel reports such a failure once and may have dropped the pages, so
 * a second try that succeeds would prove nothing (PostgreSQL's {@code data_sync_retry = off}).
 */
final class WalFlusher implements AutoCloseable {
    private final WalDirectory directory;
    private final Executor thread;
    private final Consumer<WalFileName> completed;
    private final Runnable flushed;
    private final Consumer<IOException> failed;

    // What has been written and not yet flushed: given by the upstream loop, taken by a round, under this lock.
    private final Object lock = new Object();
    private Work pending = Work.NONE;

    /** Held by the one round there is at a time. */
    private final Lock round = new ReentrantLock();

    /** Of the rounds: one has failed, and there is none after it. */
    private boolean ended;

    /**
     * @param thread runs the rounds, but for those that {@link #drain} waits for
     * @param completed told of each segment that has got its final name, before that is published
     * @param flushed told after each flush
     * @param failed told once; nothing is flushed any more
     */
    WalFlusher(
            WalDirectory directory,
            Executor thread,
            Consumer<WalFileName> completed,
            Runnable flushed,
            Consumer<IOException> failed) {
        this.directory = directory;
        this.thread = thread;
        this.completed = completed;
        this.flushed = flushed;
        this.failed = failed;
    }

    /** What one round has to make durable. {@code full} segments are done with: they are renamed and released. */
    private record Work(
            List<WalSegment> full,
            @Nullable WalSegment current,
            boolean newName,
            @Nullable Target target) {
        static final Work NONE = new Work(List.of(), null, false, null);
    }

    private record Target(WalEnd end, Lsn position, Lsn records) {}

    /**
     * The upstream loop has written {@code current} up to {@code position}, which is {@code end}'s written position; the
     * last whole record before it ends at {@code records}.
     */
    void written(WalEnd end, Lsn position, Lsn records, WalSegment current) {
        hand(before -> new Work(before.full, current, before.newName, new Target(end, position, records)));
    }

    /** The upstream loop has written the last byte of {@code segment}, and gives its reference away. */
    void full(WalSegment segment, WalEnd end, Lsn position, Lsn records) {
        hand(before -> {
            List<WalSegment> full = new ArrayList<>(before.full);
            full.add(segment);
            return new Work(List.copyOf(full), null, true, new Target(end, position, records));
        });
    }

    /** The upstream loop has created a segment, whose name is not durable yet. It is about to be written to. */
    void created() {
        synchronized (lock) {
            pending = new Work(pending.full, pending.current, true, pending.target);
        }
    }

    private void hand(UnaryOperator<Work> more) {
        boolean first;
        synchronized (lock) {
            first = pending.target == null;
            pending = more.apply(pending);
        }
        if (first) {
            thread.execute(this::flushPending);
        }
    }

    /** Returns when all that was handed over is durable, or a flush has failed; flushes here what no round has begun. */
    void drain() {
        flushPending();
    }

    /** One round, once the one before is over. */
    private void flushPending() {
        round.lock();
        try {
            Work work = take();
            if (work.target != null && !ended) {
                flush(work, work.target);
            }
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
            Work work = pending;
            if (work.target != null) {
                pending = Work.NONE;
            }
            return work;
        }
    }

    private void flush(Work work, Target target) throws IOException {
        for (WalSegment segment : work.full) {
            segment.file().sync();
            directory.complete(segment);
            // Before the next one gets its name: a crash must not leave a segment and lose the one before.
            directory.sync();
            completed.accept(segment.name());
            segment.release();
        }
        if (work.current != null) {
            work.current.file().sync();
        }
        if (work.newName && work.full.isEmpty()) {
            directory.sync();
        }
        target.end.flushed(target.position, target.records);
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
