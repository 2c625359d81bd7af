package io.walrelay.proxy.syncrep;

import io.walrelay.replication.Lsn;
import java.time.InstantSource;
import java.util.Optional;

/**
 * What the relay reports upstream and lets other downstreams have, given what it has itself and what its synchronous
 * standbys have. For one thread at a time; time is given to it. The table of {@code synchronous_transfer}:
 *
 * <pre>
 *                reported upstream                    sent to the others
 *   off          own                                  all
 *   commit       the lesser of own and the set's      all
 *   data_flush   own                                  what the set has flushed
 *   all          the lesser of own and the set's      what the set has flushed
 * </pre>
 *
 * Apply is the set's in every mode and state, for the relay applies nothing; as on a standby, it is not beyond flush.
 * No position that was reported goes back.
 *
 * <p>Asked and told with each report of a standby and each flush: positions are the values of LSNs.
 */
public final class SyncTransfer {
    /** Of {@link #limit}: nothing holds the others. No position is behind it. */
    public static final long NO_LIMIT = -1;

    /** Of {@link #untilCheck}: time alone changes nothing. */
    public static final long NEVER = Long.MAX_VALUE;

    private static final TransferState ARMED = new TransferState.Armed();

    private final UnconfirmedWal unconfirmed = new UnconfirmedWal();
    private TransferState state = ARMED;

    // What the synchronous standbys have reached, whoever they were.
    private long confirmedWrite;
    private long confirmedFlush;
    private long confirmedApply;

    // What was reported last.
    private long write;
    private long flush;
    private long apply;

    /**
     * The relay itself has made WAL durable up to {@code end}.
     *
     * @param now in nanoseconds of a clock that does not go back
     */
    public void flushedHere(long end, long now) {
        unconfirmed.flushedHere(end, now);
        unconfirmed.confirmed(confirmedFlush);
    }

    /** The synchronous standbys have got so far. What has been released is not taken back when there are others. */
    public void confirm(long syncedWrite, long syncedFlush, long syncedApply) {
        confirmedWrite = Lsn.max(confirmedWrite, syncedWrite);
        confirmedFlush = Lsn.max(confirmedFlush, syncedFlush);
        confirmedApply = Lsn.max(confirmedApply, syncedApply);
        unconfirmed.confirmed(confirmedFlush);
    }

    /** The WAL behind {@code common} has been replaced, or is on an abandoned branch. */
    public void takenBack(long common) {
        confirmedWrite = Lsn.min(confirmedWrite, common);
        confirmedFlush = Lsn.min(confirmedFlush, common);
        confirmedApply = Lsn.min(confirmedApply, common);
        write = Lsn.min(write, common);
        flush = Lsn.min(flush, common);
        apply = Lsn.min(apply, common);
        unconfirmed.takenBack(common);
    }

    /**
     * Looks at the clock.
     *
     * @param now in nanoseconds, of the clock of {@link #flushedHere}
     * @param time the same in the calendar; looked at when the state becomes another one
     * @return the state, if it is another one now
     */
    public Optional<TransferState> check(SyncRules rules, long now, InstantSource time) {
        TransferState next = next(rules, now, time);
        if (next.equals(state)) {
            return Optional.empty();
        }
        state = next;
        return Optional.of(next);
    }

    private TransferState next(SyncRules rules, long now, InstantSource time) {
        if (!rules.holdsAnything()) {
            unconfirmed.forget();
        }
        if (!rules.holdsAnything() || rules.timeout().isZero()) {
            return ARMED;
        }
        long late = unconfirmed.age(now);
        long timeout = rules.timeout().toNanos();
        boolean overdue = late >= timeout;
        // Only well below the bound they have caught up: else it would go to and fro.
        boolean caughtUp = late < timeout / 2;
        return switch (state) {
            case TransferState.Armed armed -> overdue ? overdue(rules, time) : armed;
            case TransferState.Overdue waiting ->
                caughtUp
                        ? ARMED
                        : switch (rules.action()) {
                            case WAIT -> waiting;
                            case ASYNC -> overdue ? overdue(rules, time) : waiting;
                        };
            case TransferState.Degraded degraded ->
                switch (rules.action()) {
                    case ASYNC -> caughtUp ? ARMED : degraded;
                    case WAIT -> caughtUp ? ARMED : overdue(rules, time);
                };
        };
    }

    private TransferState overdue(SyncRules rules, InstantSource time) {
        return switch (rules.action()) {
            case WAIT -> new TransferState.Overdue(time.instant(), new Lsn(confirmedFlush));
            case ASYNC -> new TransferState.Degraded(time.instant(), new Lsn(confirmedFlush));
        };
    }

    /**
     * In how many nanoseconds {@link #check} may find something; {@link #NEVER} if something else has to happen before.
     */
    public long untilCheck(SyncRules rules, long now) {
        boolean running = rules.holdsAnything()
                && !rules.timeout().isZero()
                && state instanceof TransferState.Armed
                && !unconfirmed.isEmpty();
        return running ? Math.max(0, rules.timeout().toNanos() - unconfirmed.age(now)) : NEVER;
    }

    /** Whether the standbys are waited for. */
    public TransferState state() {
        return state;
    }

    /** What the synchronous standbys have reached, whoever they were. */
    public StandbyPositions confirmed() {
        return new StandbyPositions(new Lsn(confirmedWrite), new Lsn(confirmedFlush), new Lsn(confirmedApply));
    }

    /** What of it they have written. */
    public long confirmedWrite() {
        return confirmedWrite;
    }

    /** What of it they have flushed. */
    public long confirmedFlush() {
        return confirmedFlush;
    }

    /** What of it they have applied. */
    public long confirmedApply() {
        return confirmedApply;
    }

    /**
     * Tells {@code reader} what to report upstream.
     *
     * @param written what the relay has written itself
     * @param flushed what of it may be acknowledged
     */
    public void report(SyncRules rules, long written, long flushed, StandbyPositions.Reader reader) {
        boolean held = rules.holdsCommits() && !isDegraded();
        long writtenByAll = held ? Lsn.min(written, confirmedWrite) : written;
        long flushedByAll = held ? Lsn.min(flushed, confirmedFlush) : flushed;
        // Bounded by the relay's own: what was reported may have been taken back since.
        write = Lsn.min(written, Lsn.max(write, writtenByAll));
        flush = Lsn.min(flushed, Lsn.max(flush, flushedByAll));
        // A standby may have applied WAL that the relay has not flushed yet: the upstream takes applied WAL for
        // durable.
        apply = rules.names().isPresent() ? Lsn.min(confirmedApply, flush) : 0;
        reader.positions(write, flush, apply);
    }

    /** What {@link #report} told last. */
    public StandbyPositions reported() {
        return new StandbyPositions(new Lsn(write), new Lsn(flush), new Lsn(apply));
    }

    /** Up to where the others may be sent WAL; {@link #NO_LIMIT} where nothing holds them. */
    public long limit(SyncRules rules) {
        return rules.holdsOthers() && !isDegraded() ? confirmedFlush : NO_LIMIT;
    }

    private boolean isDegraded() {
        return state instanceof TransferState.Degraded;
    }
}
