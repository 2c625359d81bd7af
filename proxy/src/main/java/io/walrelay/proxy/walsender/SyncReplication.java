package io.walrelay.proxy.walsender;

import io.walrelay.proxy.syncrep.StandbyPositions;
import io.walrelay.proxy.syncrep.SyncRules;
import io.walrelay.proxy.syncrep.SyncTransfer;
import io.walrelay.proxy.syncrep.TransferState;
import io.walrelay.proxy.wal.WalEnd;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The relay as the stand-in of its synchronous standbys: who they are at each moment, what the upstream is told, and
 * how far the others may be sent WAL. Asked and told by any thread; decides under its lock, which is held for as long
 * as it takes to look at every walsender once. It is told of each report of a client and, where there is a timeout, of
 * each flush: to decide the same again makes no object, and to move positions makes one, the decision.
 */
public final class SyncReplication {
    private static final Logger log = LoggerFactory.getLogger(SyncReplication.class);

    private final WalStore wal;
    private final SenderRegistry registry;
    private final Supplier<SyncRules> rules;
    private final Listener listener;
    private final ScheduledExecutorService timer;
    private final LongSupplier nanoTime;
    private final Clock clock;
    private final SafeEnds safeEnds = new SafeEnds();

    private final Object lock = new Object();
    private final SyncTransfer transfer = new SyncTransfer();
    private final SyncCandidates candidates = new SyncCandidates();
    private final StandbyPositions.Reader confirm = transfer::confirm;
    private final SyncEvents events = new SyncEvents();
    private volatile WalEnd followed;
    private @Nullable ScheduledFuture<?> check;
    private long checkAt;
    private volatile SyncDecision decision = SyncDecision.NONE;

    /** Who is told of decisions; on any thread, outside of the lock. */
    public interface Listener {
        /** What is reported upstream may have moved. */
        void positionsMoved();

        /** Senders may be allowed to send more. */
        void limitMoved();
    }

    /**
     * Decides from now on.
     *
     * @param rules the settings in force, at each moment; {@link #reconsider} says that they have changed
     * @param timer where it looks at the clock
     */
    public SyncReplication(
            WalStore wal,
            SenderRegistry registry,
            Supplier<SyncRules> rules,
            Listener listener,
            ScheduledExecutorService timer,
            Clock clock) {
        this(wal, registry, rules, listener, timer, System::nanoTime, clock);
    }

    SyncReplication(
            WalStore wal,
            SenderRegistry registry,
            Supplier<SyncRules> rules,
            Listener listener,
            ScheduledExecutorService timer,
            LongSupplier nanoTime,
            Clock clock) {
        this.wal = wal;
        this.registry = registry;
        this.rules = rules;
        this.listener = listener;
        this.timer = timer;
        this.nanoTime = nanoTime;
        this.clock = clock;
        this.followed = wal.end();
        safeEnds.add(followed.writtenValue());
        registry.limitBy((entry, available) -> decision.limit(entry, available));
        registry.onChange(this::reconsider);
        wal.onWritten(this::written);
        wal.onFlushed(this::flushed);
        reconsider();
    }

    private void written() {
        WalEnd end = wal.end();
        if (end != followed) {
            reconsider();
        }
        if (decision.rules().holdsOthers()) {
            safeEnds.add(end.writtenValue());
        }
    }

    private void flushed() {
        if (decision.rules().timeout().isPositive()) {
            reconsider();
        }
    }

    /** Decides anew: settings, standbys, their positions or the WAL have changed. */
    public void reconsider() {
        SyncDecision before;
        SyncDecision after;
        synchronized (lock) {
            before = decision;
            after = decide(before);
            decision = after;
        }
        if (after.movesPositionsOf(before)) {
            listener.positionsMoved();
        }
        if (after.freesSendersOf(before)) {
            listener.limitMoved();
        }
    }

    private SyncDecision decide(SyncDecision before) {
        SyncRules now = rules.get();
        follow(wal.end());
        if (now.names().isEmpty() && before.rules().equals(now)) {
            return before;
        }
        List<SenderEntry> entries = now.names().isEmpty() ? List.of() : registry.entries();
        SyncMembers members = candidates.look(now.names(), entries, followed);
        candidates.synced(confirm);
        checkClock(now);
        SyncDecision after = before.next(now, members, transfer, safeLimit(now));
        if (!after.members().equals(before.members())) {
            events.standings(now, before.members(), after.members());
        }
        return after;
    }

    /** Up to where the others may be sent WAL, so that a message may end there. */
    private long safeLimit(SyncRules now) {
        long limit = transfer.limit(now);
        return limit == SyncTransfer.NO_LIMIT ? SyncTransfer.NO_LIMIT : safeEnd(limit);
    }

    private long safeEnd(long position) {
        // The newest end may not have been noted yet.
        long newest = followed.writtenValue();
        return Long.compareUnsigned(position, newest) < 0 ? safeEnds.floor(position) : newest;
    }

    private void follow(WalEnd end) {
        if (end != followed) {
            long common = end.base().value();
            followed = end;
            transfer.takenBack(common);
            safeEnds.takeBack(common);
        }
    }

    private void checkClock(SyncRules now) {
        long nanos = nanoTime.getAsLong();
        transfer.flushedHere(wal.end().flushedRecordsValue(), nanos);
        TransferState before = transfer.state();
        Optional<TransferState> turned = transfer.check(now, nanos, clock);
        if (turned.isPresent()) {
            events.transfer(now, before, turned.get(), transfer.confirmed(), clock.instant());
        }
        long due = transfer.untilCheck(now, nanos);
        if (due != SyncTransfer.NEVER) {
            checkIn(due, nanos);
        }
    }

    /** A check that comes too early sees to the next one. */
    private void checkIn(long due, long now) {
        ScheduledFuture<?> pending = check;
        if (pending != null && checkAt - (now + due) <= 0) {
            return;
        }
        if (pending != null) {
            pending.cancel(false);
        }
        try {
            check = timer.schedule(this::checkNow, due, TimeUnit.NANOSECONDS);
            checkAt = now + due;
        } catch (RejectedExecutionException stopping) {
            log.debug("nobody looks at the clock any more: {}", stopping.toString());
        }
    }

    private void checkNow() {
        synchronized (lock) {
            check = null;
        }
        reconsider();
    }

    /** Tells {@code reader} what the upstream is to be told. */
    public void report(StandbyPositions.Reader reader) {
        synchronized (lock) {
            WalEnd end = wal.end();
            follow(end);
            transfer.report(decision.rules(), end.writtenValue(), end.flushedRecordsValue(), reader);
        }
    }

    /**
     * From where on synchronous standbys may still need WAL, where anything waits for them; empty if they have said
     * nothing yet.
     */
    public Optional<Lsn> unconfirmed() {
        SyncDecision now = decision;
        boolean waits = now.rules().holdsCommits() || now.rules().holdsOthers();
        return Optional.of(new Lsn(now.flush())).filter(flush -> waits && flush.isValid());
    }

    /** The rows of {@code pg_stat_replication}, oldest session first. */
    public List<SenderStatus> senders() {
        SyncDecision now = decision;
        List<SenderStatus> statuses = new ArrayList<>();
        for (SenderEntry entry : registry.entries()) {
            statuses.add(entry.status(now.members().standing(entry)));
        }
        return statuses;
    }

    /** How synchronous replication stands now. */
    public SyncStatus status() {
        synchronized (lock) {
            SyncDecision now = decision;
            return new SyncStatus(
                    now.rules(),
                    now.state(),
                    now.confirmed(),
                    transfer.reported(),
                    now.limit() == SyncTransfer.NO_LIMIT ? Optional.empty() : Optional.of(new Lsn(now.limit())),
                    events.degradations(),
                    events.recent());
        }
    }
}
