package io.walrelay.proxy.syncrep;

import io.walrelay.replication.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

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
 * Apply is the set's in every mode and state, for the relay applies nothing; as on a standby, it is not beyond flush. No
 * position that was reported goes back.
 */
public final class SyncTransfer {
    private final UnconfirmedWal unconfirmed = new UnconfirmedWal();
    private TransferState state = new TransferState.Armed();
    private StandbyPositions confirmed = StandbyPositions.UNKNOWN;

    // What was reported last, as values of LSNs.
    private long write;
    private long flush;
    private long apply;

    /**
     * The relay itself has made WAL durable up to {@code end}.
     *
     * @param now in nanoseconds of a clock that does not go back
     */
    public void flushedHere(Lsn end, long now) {
        unconfirmed.flushedHere(end, now);
        unconfirmed.confirmed(confirmed.flush());
    }

    /** The synchronous standbys have got so far. What has been released is not taken back when there are others. */
    public void confirm(StandbyPositions synced) {
        confirmed = confirmed.max(synced);
        unconfirmed.confirmed(confirmed.flush());
    }

    /** The WAL behind {@code common} has been replaced, or is on an abandoned branch. */
    public void takenBack(Lsn common) {
        confirmed = confirmed.min(common);
        write = Lsn.min(write, common.value());
        flush = Lsn.min(flush, common.value());
        apply = Lsn.min(apply, common.value());
        unconfirmed.takenBack(common);
    }

    /**
     * Looks at the clock.
     *
     * @param now in nanoseconds, of the clock of {@link #flushedHere}
     * @param time the same in the calendar
     * @return the state, if it is another one now
     */
    public Optional<TransferState> check(SyncRules rules, long now, Instant time) {
        TransferState next = next(rules, now, time);
        if (next.equals(state)) {
            return Optional.empty();
        }
        state = next;
        return Optional.of(next);
    }

    private TransferState next(SyncRules rules, long now, Instant time) {
        if (!rules.holdsAnything()) {
            unconfirmed.forget();
        }
        if (!rules.holdsAnything() || rules.timeout().isZero()) {
            return new TransferState.Armed();
        }
        Duration late = lateness(now);
        boolean overdue = late.compareTo(rules.timeout()) >= 0;
        // Only well below the bound they have caught up: else it would go to and fro.
        boolean caughtUp = late.compareTo(rules.timeout().dividedBy(2)) < 0;
        return switch (state) {
            case TransferState.Armed armed -> overdue ? overdue(rules, time) : armed;
            case TransferState.Overdue waiting ->
                caughtUp
                        ? new TransferState.Armed()
                        : switch (rules.action()) {
                            case WAIT -> waiting;
                            case ASYNC -> overdue ? overdue(rules, time) : waiting;
                        };
            case TransferState.Degraded degraded ->
                switch (rules.action()) {
                    case ASYNC -> caughtUp ? new TransferState.Armed() : degraded;
                    case WAIT -> caughtUp ? new TransferState.Armed() : overdue(rules, time);
                };
        };
    }

    private TransferState overdue(SyncRules rules, Instant time) {
        return switch (rules.action()) {
            case WAIT -> new TransferState.Overdue(time, confirmed.flush());
            case ASYNC -> new TransferState.Degraded(time, confirmed.flush());
        };
    }

    private Duration lateness(long now) {
        OptionalLong since = unconfirmed.since();
        return since.isPresent() ? Duration.ofNanos(now - since.getAsLong()) : Duration.ZERO;
    }

    /** In how many nanoseconds {@link #check} may find something; empty if something else has to happen before. */
    public OptionalLong untilCheck(SyncRules rules, long now) {
        boolean running = rules.holdsAnything()
                && !rules.timeout().isZero()
                && state instanceof TransferState.Armed
                && unconfirmed.since().isPresent();
        return running
                ? OptionalLong.of(
                        Math.max(0, rules.timeout().toNanos() - lateness(now).toNanos()))
                : OptionalLong.empty();
    }

    /** Whether the standbys are waited for. */
    public TransferState state() {
        return state;
    }

    /** What the synchronous standbys have reached, whoever they were. */
    public StandbyPositions confirmed() {
        return confirmed;
    }

    /**
     * Tells {@code reader} what to report upstream.
     *
     * @param written what the relay has written itself, the value of an LSN
     * @param flushed what of it may be acknowledged
     */
    public void report(SyncRules rules, long written, long flushed, StandbyPositions.Reader reader) {
        boolean held = rules.holdsCommits() && !isDegraded();
        long writtenByAll = held ? Lsn.min(written, confirmed.write().value()) : written;
        long flushedByAll = held ? Lsn.min(flushed, confirmed.flush().value()) : flushed;
        // Bounded by the relay's own: what was reported may have been taken back since.
        write = Lsn.min(written, Lsn.max(write, writtenByAll));
        flush = Lsn.min(flushed, Lsn.max(flush, flushedByAll));
        // A standby may have applied WAL that the relay has not flushed yet: the upstream takes applied WAL for
        // durable.
        apply = rules.names().isPresent() ? Lsn.min(confirmed.apply().value(), flush) : 0;
        reader.positions(write, flush, apply);
    }

    /** What {@link #report} told last. */
    public StandbyPositions reported() {
        return new StandbyPositions(new Lsn(write), new Lsn(flush), new Lsn(apply));
    }

    /** Up to where the others may be sent WAL; empty where nothing holds them. */
    public Optional<Lsn> limit(SyncRules rules) {
        return rules.holdsOthers() && !isDegraded() ? Optional.of(confirmed.flush()) : Optional.empty();
    }

    private boolean isDegraded() {
        return state instanceof TransferState.Degraded;
    }
}
