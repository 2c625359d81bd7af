package io.walrelay.proxy.wal;

import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The {@code wal-flusher} thread: makes written WAL durable, as much at a time as has gathered (group flush), while the
 * upstream loop goes on writing. A segment that is full gets its final name after its fdatasync; the directory is synced
 * before any position behind a new name is published as flushed.
 *
 * <p>A failed fsync ends it, and the program: the kernel reports such a failure once and may have dropped the pages, so
 * a second try that succeeds would prove nothing (PostgreSQL's {@code data_sync_retry = off}).
 */
final class WalFlusher implements AutoCloseable {
    private final WalDirectory directory;
    private final Runnable flushed;
    private final Consumer<IOException> syncFailed;
    private final Thread thread;

    // What has been written and not yet flushed: given by the upstream loop, taken by the flusher, under this lock.
    private final Object lock = new Object();
    private Work pending = Work.NONE;
    private boolean busy;
    private boolean closed;

    /**
     * @param flushed told after each flush, on the flusher's thread
     * @param syncFailed told once, on the flusher's thread, which then ends
     */
    WalFlusher(WalDirectory directory, Runnable flushed, Consumer<IOException> syncFailed) {
        this.directory = directory;
        this.flushed = flushed;
        this.syncFailed = syncFailed;
        this.thread = Thread.ofPlatform().name("wal-flusher").daemon().unstarted(this::run);
    }

    /** What one round has to make durable. {@code full} segments are done with: they are renamed and released. */
    private record Work(
            List<WalSegment> full,
            @Nullable WalSegment current,
            boolean newName,
            @Nullable Target target) {
        static final Work NONE = new Work(List.of(), null, false, null);

        boolean isEmpty() {
            return target == null && full.isEmpty();
        }
    }

    private record Target(WalEnd end, Lsn position) {}

    void start() {
        thread.start();
    }

    /** The upstream loop has written {@code current} up to {@code position}, which is {@code end}'s written position. */
    void written(WalEnd end, Lsn position, WalSegment current) {
        synchronized (lock) {
            pending = new Work(pending.full, current, pending.newName, new Target(end, position));
            lock.notifyAll();
        }
    }

    /** The upstream loop has created a segment, whose name is not durable yet. */
    void created() {
        synchronized (lock) {
            pending = new Work(pending.full, pending.current, true, pending.target);
        }
    }

    /** The upstream loop has written the last byte of {@code segment}, and gives its reference away. */
    void full(WalSegment segment, WalEnd end, Lsn position) {
        synchronized (lock) {
            List<WalSegment> full = new ArrayList<>(pending.full);
            full.add(segment);
            pending = new Work(List.copyOf(full), null, true, new Target(end, position));
            lock.notifyAll();
        }
    }

    /** Waits until all that was handed over is durable, or the flusher has ended. */
    void drain() {
        boolean interrupted = false;
        synchronized (lock) {
            while ((busy || !pending.isEmpty()) && thread.isAlive()) {
                try {
                    lock.wait(100);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            for (Work work = take(); !work.isEmpty(); work = take()) {
                flush(work);
            }
        } catch (IOException e) {
            syncFailed.accept(e);
        } catch (RuntimeException defect) {
            // Nothing is flushed any more; that must not go unnoticed.
            syncFailed.accept(new IOException("wal-flusher has failed: " + defect.getMessage(), defect));
        } finally {
            synchronized (lock) {
                busy = false;
                lock.notifyAll();
            }
        }
    }

    private Work take() {
        synchronized (lock) {
            busy = false;
            lock.notifyAll();
            while (pending.isEmpty() && !closed) {
                try {
                    lock.wait();
                } catch (InterruptedException e) {
                    // Nobody interrupts this thread; an interrupt would close the files under it.
                    throw new IllegalStateException("wal-flusher was interrupted", e);
                }
            }
            Work work = pending;
            pending = Work.NONE;
            busy = !work.isEmpty();
            return work;
        }
    }

    private void flush(Work work) throws IOException {
        for (WalSegment segment : work.full) {
            segment.file().sync();
            directory.complete(segment);
            segment.release();
        }
        if (work.current != null) {
            work.current.file().sync();
        }
        if (work.newName) {
            directory.sync();
        }
        if (work.target != null) {
            work.target.end.flushed(work.target.position);
        }
        flushed.run();
    }

    /** Flushes what is left and ends the thread. */
    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            lock.notifyAll();
        }
        drain();
    }
}
