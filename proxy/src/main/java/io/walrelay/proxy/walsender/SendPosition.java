package io.walrelay.proxy.walsender;

import io.walrelay.proxy.config.WalSendAfter;
import io.walrelay.proxy.wal.WalEnd;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.timeline.TimelineHistory;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Which WAL a sender may send: that of one timeline, up to a limit which moves while the timeline is the current one
 * and stands at the switch point when it has become historic. On the sender's loop. Mirrors the {@code sendTimeLine*}
 * variables of PostgreSQL's {@code walsender.c}.
 */
public final class SendPosition {
    private final WalStore wal;
    private final Supplier<WalSendAfter> sendAfter;
    private final TimelineId timeline;

    /** What was sent is part of this, as far as its timeline goes. */
    private WalEnd sentOf;

    private WalEnd current;
    private Optional<Historic> historic;

    /** The file that was asked for last. */
    private WalFileName file;

    /** What came after a timeline that is not the current one. */
    public record Historic(TimelineId next, Lsn switchPoint) {}

    private SendPosition(
            WalStore wal,
            Supplier<WalSendAfter> sendAfter,
            TimelineId timeline,
            WalEnd current,
            Optional<Historic> historic) {
        this.wal = wal;
        this.sendAfter = sendAfter;
        this.timeline = timeline;
        this.sentOf = current;
        this.current = current;
        this.historic = historic;
        this.file = new WalFileName(timeline, 0);
    }

    /**
     * The WAL that a client asks for with START_REPLICATION.
     *
     * @param requested the timeline, or empty for the current one
     * @throws PgException XX000 if the timeline is not in this node's history, or had been left before {@code start}
     */
    public static SendPosition of(
            WalStore wal, Supplier<WalSendAfter> sendAfter, Optional<TimelineId> requested, Lsn start) {
        WalEnd current = wal.end();
        TimelineHistory history = current.history();
        TimelineId timeline = requested.orElse(history.timeline());
        if (timeline.equals(history.timeline())) {
            return new SendPosition(wal, sendAfter, timeline, current, Optional.empty());
        }
        Historic historic = historic(history, timeline)
                .orElseThrow(() -> PgException.error(
                        SqlState.INTERNAL_ERROR,
                        "requested timeline " + timeline + " is not in this server's history"));
        if (start.isAfter(historic.switchPoint)) {
            throw PgException.error(
                            SqlState.INTERNAL_ERROR,
                            "requested starting point " + start + " on timeline " + timeline
                                    + " is not in this server's history")
                    .withDetail("This server's history forked from timeline " + timeline + " at " + historic.switchPoint
                            + ".");
        }
        return new SendPosition(wal, sendAfter, timeline, current, Optional.of(historic));
    }

    private static Optional<Historic> historic(TimelineHistory history, TimelineId timeline) {
        return history.switchPoint(timeline)
                .flatMap(switchPoint -> history.next(timeline).map(next -> new Historic(next, switchPoint)));
    }

    /** The timeline whose WAL is sent. */
    TimelineId timeline() {
        return timeline;
    }

    /** What comes next, if the timeline is not, or no longer, the current one. */
    public Optional<Historic> historic() {
        refresh();
        return historic;
    }

    private void refresh() {
        WalEnd latest = wal.end();
        if (historic.isEmpty() && latest != current) {
            current = latest;
            historic = historic(latest.history(), timeline);
        }
    }

    /** Whether WAL before {@code sent} has been replaced since: it was broken, and was received anew. */
    boolean isReplacedBefore(long sent) {
        refresh();
        // One after the other: WAL that a sender is behind of may be taken back, and later WAL that it is not.
        for (Optional<WalEnd> next = sentOf.successor(); next.isPresent(); next = sentOf.successor()) {
            if (next.get().history().timeline().equals(timeline)
                    && Long.compareUnsigned(sent, next.get().base().value()) > 0) {
                return true;
            }
            sentOf = next.get();
        }
        return false;
    }

    /** Up to where WAL may be sent now: a position at which a message may end. */
    public Lsn limit() {
        return new Lsn(limitValue());
    }

    /** The value of {@link #limit()}, for who asks for each message. */
    long limitValue() {
        Optional<Historic> left = historic();
        return left.isPresent() ? left.get().switchPoint.value() : endValue(current, sendAfter.get());
    }

    /** The position of a store up to which WAL may be sent. */
    public static Lsn end(WalEnd end, WalSendAfter sendAfter) {
        return new Lsn(endValue(end, sendAfter));
    }

    private static long endValue(WalEnd end, WalSendAfter sendAfter) {
        return switch (sendAfter) {
            case WRITE -> end.writtenValue();
            case FLUSH -> end.flushedValue();
        };
    }

    /**
     * The file that holds the WAL at {@code position}, the value of an LSN. The segment of the switch point is read
     * under the next timeline's name: it holds the same bytes, and the old one may never have been completed.
     */
    WalFileName fileOf(long position) {
        long number = wal.directory().segmentSize().segmentNumber(position);
        boolean switched = historic.isPresent()
                && wal.directory().segmentSize().segmentNumber(historic.get().switchPoint) == number;
        TimelineId of = switched ? historic.get().next : timeline;
        if (file.segmentNumber() != number || !file.timeline().equals(of)) {
            file = new WalFileName(of, number);
        }
        return file;
    }
}
