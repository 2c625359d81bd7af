package io.walrelay.proxy.wal;

import io.walrelay.replication.Lsn;
import io.walrelay.replication.timeline.TimelineHistory;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How far the WAL of one timeline is here: the one point where the writer and the flusher tell everybody else.
 *
 * <p>Both positions are safe ends: the end of an upstream message, of a validated record, or a page boundary, so a
 * sender may end a message there. {@code flushed} never passes {@code written}. Each position has one writing thread
 * (the upstream loop, the flusher) and any number of readers. When the timeline changes, a new {@code WalEnd} takes the
 * place of this one, which then never moves again: what was read of it stays true for its timeline. So it is, too,
 * where a record that had been published in part turned out to be broken, and is received anew from its beginning.
 */
public final class WalEnd {
    private final TimelineHistory history;
    private final Lsn base;
    private volatile long written;
    private volatile long flushed;
    private volatile long flushedRecords;
    private volatile @Nullable WalEnd successor;

    WalEnd(TimelineHistory history, Lsn position) {
        this(history, position, position);
    }

    /** @param records the end of the last whole record before {@code position} */
    WalEnd(TimelineHistory history, Lsn position, Lsn records) {
        this.flushedRecords = records.value();
        this.history = history;
        this.base = position;
        this.written = position.value();
        this.flushed = position.value();
    }

    /** The timeline these positions are on, and what it descends from. */
    public TimelineHistory history() {
        return history;
    }

    /** Where this began: WAL that somebody has seen behind it, on this timeline, may have been replaced. */
    public Lsn base() {
        return base;
    }

    /**
     * What has taken the place of this one on the same timeline, since WAL behind {@link #base} of that was taken back.
     */
    public Optional<WalEnd> successor() {
        return Optional.ofNullable(successor);
    }

    void replacedBy(WalEnd next) {
        successor = next;
    }

    /** Where the WAL that has been written to the segment files (not: made durable) ends. */
    public Lsn written() {
        return new Lsn(written);
    }

    /** The value of {@link #written()}, for who asks for each message. */
    public long writtenValue() {
        return written;
    }

    /** Where the WAL that is durable here ends. */
    public Lsn flushed() {
        return new Lsn(flushed);
    }

    /** The value of {@link #flushed()}, for who asks for each message. */
    public long flushedValue() {
        return flushed;
    }

    /**
     * Where the last record ends that is durable here as a whole, and was found valid: a restart goes on there or
     * behind it, so this may be acknowledged.
     */
    public Lsn flushedRecords() {
        return new Lsn(flushedRecords);
    }

    /** The value of {@link #flushedRecords()}, for who asks for each message. */
    public long flushedRecordsValue() {
        return flushedRecords;
    }

    void written(long position) {
        written = position;
    }

    void flushed(long position, long records) {
        flushed = position;
        flushedRecords = records;
    }
}
