package io.walrelay.proxy.walsender;

import static io.walrelay.proxy.fixture.SampleCluster.FIRST;
import static io.walrelay.proxy.fixture.SampleCluster.START;
import static io.walrelay.proxy.fixture.SampleCluster.control;
import static io.walrelay.proxy.fixture.SampleCluster.receive;
import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.proxy.config.WalSendAfter;
import io.walrelay.proxy.fixture.ManualTimer;
import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.fixture.WatchedStorage;
import io.walrelay.proxy.syncrep.PlainSyncSet;
import io.walrelay.proxy.syncrep.ReplicationState;
import io.walrelay.proxy.syncrep.ReplicationTimeoutAction;
import io.walrelay.proxy.syncrep.StandbyNamesException;
import io.walrelay.proxy.syncrep.StandbyPositions;
import io.walrelay.proxy.syncrep.SyncRules;
import io.walrelay.proxy.syncrep.SyncStandbyNames;
import io.walrelay.proxy.syncrep.SynchronousTransfer;
import io.walrelay.proxy.syncrep.TransferState;
import io.walrelay.proxy.wal.WalOpener;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.PgTimestamp;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.timeline.TimelineHistory;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is reported upstream, in whatever order WAL comes and is flushed, standbys join, catch up, report, lie and
 * leave, settings are reloaded, time passes and timelines are left. {@code -Dwalrelay.seed=N} repeats one run.
 */
class SyncReplicationPropertyTest {
    private static final int STEPS = 400;

    private static final List<ModelOfTheSet.Rule> RULES = List.of(
            new ModelOfTheSet.Rule("", false, 0, List.of()),
            new ModelOfTheSet.Rule("s1", false, 1, List.of("s1")),
            new ModelOfTheSet.Rule("s2, s1", false, 1, List.of("s2", "s1")),
            new ModelOfTheSet.Rule("FIRST 2 (s1, s2, s3)", false, 2, List.of("s1", "s2", "s3")),
            new ModelOfTheSet.Rule("FIRST 2 (s3, *)", false, 2, List.of("s3", "*")),
            new ModelOfTheSet.Rule("ANY 2 (*)", true, 2, List.of("*")),
            new ModelOfTheSet.Rule("ANY 1 (s1, s2)", true, 1, List.of("s1", "s2")),
            new ModelOfTheSet.Rule("ANY 2 (s1, s2, s3)", true, 2, List.of("s1", "s2", "s3")));

    @TempDir
    private Path directory;

    private final SenderRegistry registry = new SenderRegistry();
    private final ManualTimer timer = new ManualTimer();
    private final Queue<Runnable> flushes = new ArrayDeque<>();
    private final ModelOfTheSet model = new ModelOfTheSet();
    private final List<Standby> standbys = new ArrayList<>();
    private SyncRules rules = SyncRules.NONE;
    private StandbyPositions reported = StandbyPositions.UNKNOWN;
    private Lsn applied = Lsn.INVALID;

    @SuppressWarnings("NullAway.Init") // at the start of each run
    private WalStore store;

    @SuppressWarnings("NullAway.Init") // at the start of each run
    private SyncReplication replication;

    /** One stream: as the relay sees it, and as the model does. */
    private final class Standby {
        private final SenderEntry entry;
        private final SenderReports reports;
        private final ModelOfTheSet.Client client;

        Standby(String name) {
            client = new ModelOfTheSet.Client(name);
            model.join(client);
            entry = registry.add(SampleClients.named(name));
            SendPosition position = SendPosition.of(store, () -> WalSendAfter.WRITE, Optional.empty(), START);
            entry.begin(START, Optional.empty());
            reports = new SenderReports(
                    entry, store, position, Optional.empty(), () -> PgTimestamp.now(Clock.systemUTC()));
        }

        void catchUp() {
            client.catchUp();
            entry.state(ReplicationState.STREAMING);
        }

        void report(StandbyPositions claimed) {
            client.claim(claimed, store.end().written());
            applied = Lsn.max(applied, Lsn.min(claimed.apply(), store.end().written()));
            reports.statusUpdate(
                    claimed.write().value(),
                    claimed.flush().value(),
                    claimed.apply().value(),
                    0,
                    START.value());
        }

        void leave() {
            model.leave(client);
            // Who takes its place counts at once, also where it is about to leave itself.
            model.confirmed();
            registry.remove(entry);
        }
    }

    static LongStream seeds() {
        Long one = Long.getLong("walrelay.seed");
        return one != null ? LongStream.of(one) : LongStream.range(0, 60);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void nothingIsReportedThatIsNotTrue(long seed) throws Exception {
        // Given
        Random random = new Random(seed);
        WalOpener opener = new WalOpener(
                new WatchedStorage(),
                directory,
                false,
                flushes::add,
                failure -> {
                    throw new AssertionError(failure);
                },
                System::nanoTime,
                Duration.ZERO);
        store = opener.create(control(FIRST), TimelineHistory.first(), START);
        replication = new SyncReplication(
                store, registry, () -> rules, new Deaf(), timer, timer::nanoTime, Clock.systemUTC());

        // When / Then
        for (int step = 0; step < STEPS; step++) {
            String what = step(random);
            model.confirmed();
            if (random.nextInt(3) > 0) {
                check("seed " + seed + ", step " + step + ": " + what);
            }
        }
        flush();
        store.close();
    }

    /** Who needs not be told, for it is asked. */
    private static final class Deaf implements SyncReplication.Listener {
        @Override
        public void positionsMoved() {}

        @Override
        public void limitMoved() {}
    }

    private String step(Random random) throws Exception {
        int kind = random.nextInt(100);
        if (kind < 20) {
            receive(store, new byte[1 + random.nextInt(400)]);
            return "WAL comes";
        }
        if (kind < 35) {
            flush();
            return "the relay flushes";
        }
        if (kind < 43 && standbys.size() < 5) {
            standbys.add(new Standby("s" + (1 + random.nextInt(4))));
            return "a standby joins";
        }
        if (kind < 50) {
            timer.advance(Duration.ofMillis(random.nextInt(700)));
            return "time passes";
        }
        if (kind < 56) {
            reload(random);
            return "a reload: " + rules;
        }
        if (kind == 99) {
            leaveTimeline(random);
            return "a timeline is left";
        }
        if (standbys.isEmpty()) {
            return "nothing";
        }
        Standby standby = standbys.get(random.nextInt(standbys.size()));
        if (kind < 64) {
            standby.catchUp();
            return "a standby has caught up";
        }
        if (kind < 68) {
            standby.leave();
            standbys.remove(standby);
            return "a standby leaves";
        }
        StandbyPositions claimed = claim(random);
        standby.report(claimed);
        return "a report: " + claimed;
    }

    /** Mostly in good order; now and then nothing but lies. */
    private StandbyPositions claim(Random random) {
        long here = store.end().written().minus(START);
        if (random.nextInt(10) == 0) {
            return new StandbyPositions(any(random, 2 * here), any(random, 2 * here), any(random, 2 * here));
        }
        long write = here - random.nextLong(Math.min(here, 600) + 1);
        long flush = Math.max(0, write - random.nextInt(300));
        long apply = Math.max(0, flush - random.nextInt(300));
        return new StandbyPositions(START.plus(write), START.plus(flush), START.plus(apply));
    }

    private static Lsn any(Random random, long most) {
        return random.nextInt(5) == 0 ? Lsn.INVALID : START.plus(random.nextLong(most + 1));
    }

    private void flush() {
        for (Runnable next = flushes.poll(); next != null; next = flushes.poll()) {
            next.run();
        }
    }

    private void reload(Random random) throws StandbyNamesException {
        ModelOfTheSet.Rule names = RULES.get(random.nextInt(RULES.size()));
        SynchronousTransfer[] modes = SynchronousTransfer.values();
        ReplicationTimeoutAction[] actions = ReplicationTimeoutAction.values();
        rules = new SyncRules(
                SyncStandbyNames.parse(names.text()),
                modes[random.nextInt(modes.length)],
                Duration.ofMillis(random.nextInt(3) * 500L),
                actions[random.nextInt(actions.length)]);
        model.rule(names);
        replication.reconsider();
    }

    /** The upstream fails over: everybody connects anew, and the relay too. */
    private void leaveTimeline(Random random) throws Exception {
        standbys.forEach(Standby::leave);
        standbys.clear();
        flush();
        TimelineHistory old = store.end().history();
        long behind = store.end().written().minus(store.end().base());
        Lsn fork = store.end().base().plus(random.nextLong(behind + 1));
        TimelineId next = TimelineId.of(old.timeline().value() + 1);
        List<String> lines = new ArrayList<>();
        old.ancestors().forEach(entry -> lines.add(entry.timeline().value() + "\t" + entry.switchPoint() + "\tx"));
        lines.add(old.timeline().value() + "\t" + fork + "\tx");
        store.switchTimeline(SampleCluster.history(next, lines.toArray(String[]::new)));
        model.takenBack(fork);
        applied = Lsn.min(applied, fork);
        reported = reported.min(fork);
    }

    private void check(String when) {
        boolean degraded = replication.status().state() instanceof TransferState.Degraded;
        boolean holdsCommits = rules.holdsCommits() && !degraded;
        StandbyPositions confirmed = model.confirmed();
        Lsn flushed = store.end().flushed();

        replication.report((write, flush, apply) -> {});
        StandbyPositions now = replication.status().reported();

        assertThat(now.flush()).as("%s: flush, beside our own", when).isLessThanOrEqualTo(flushed);
        assertThat(now.write())
                .as("%s: write, beside our own", when)
                .isLessThanOrEqualTo(store.end().written());
        assertThat(now.flush()).as("%s: flush, beside the last", when).isGreaterThanOrEqualTo(reported.flush());
        assertThat(now.write()).as("%s: write, beside the last", when).isGreaterThanOrEqualTo(reported.write());
        assertThat(now.apply()).as("%s: apply, beside flush", when).isLessThanOrEqualTo(now.flush());
        assertThat(now.apply()).as("%s: apply, beside any", when).isLessThanOrEqualTo(applied);
        assertThat(now.apply()).as("%s: apply, beside the set's", when).isLessThanOrEqualTo(confirmed.apply());
        Lsn free = Lsn.max(reported.flush(), holdsCommits ? Lsn.min(flushed, confirmed.flush()) : flushed);
        assertThat(now.flush()).as("%s: flush, neither more nor less", when).isEqualTo(free);
        assertThat(degraded
                        && (rules.action() == ReplicationTimeoutAction.WAIT
                                || rules.timeout().isZero()))
                .as("%s: alone, without leave", when)
                .isFalse();
        PlainSyncSet plain = PlainSyncSet.of(
                rules.names(),
                standbys.stream().map(standby -> standby.client.standby()).toList());
        assertThat(replication.senders())
                .as("%s: who is synchronous", when)
                .extracting(SenderStatus::standing)
                .containsExactlyElementsOf(plain.standings());
        for (int i = 0; i < standbys.size(); i++) {
            long here = store.end().writtenValue();
            Lsn limit = new Lsn(standbys.get(i).entry.limit(here));
            if (!rules.holdsOthers() || degraded || plain.leaders().contains(i)) {
                assertThat(limit).as("%s: what a leader may have", when).isEqualTo(new Lsn(here));
            } else {
                assertThat(limit).as("%s: what another may have", when).isLessThanOrEqualTo(confirmed.flush());
            }
        }
        reported = now;
    }
}
