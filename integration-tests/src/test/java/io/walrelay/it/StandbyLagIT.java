package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.ConsoleConnection;
import io.walrelay.it.support.Load;
import io.walrelay.it.support.Positions;
import io.walrelay.it.support.RawReplicationClient;
import io.walrelay.it.support.RelayTest;
import io.walrelay.it.support.Rows;
import io.walrelay.it.support.StandbyLag;
import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * How late a standby is, as the relay shows it, beside what a server shows of another one that is late in the same way
 * at the same time.
 */
class StandbyLagIT extends RelayTest {
    private static final int MAJOR = 15;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration BETWEEN_COMMITS = Duration.ofMillis(40);
    private static final Duration BETWEEN_SAMPLES = Duration.ofMillis(100);
    private static final String INTERVAL = "2s";
    private static final Duration LATE = Duration.ofSeconds(3);

    /** What the relay's lag may differ by from the server's, of standbys that are late by {@link #LATE}. */
    private static final Duration ALIKE = Duration.ofMillis(500);

    @SuppressWarnings("NullAway.Init") // before each test
    private ConsoleConnection atPrimary;

    @SuppressWarnings("NullAway.Init") // before each test
    private ConsoleConnection atRelay;

    /** The two standbys at one moment. */
    private record Both(StandbyLag direct, StandbyLag relayed) {
        boolean each(Predicate<StandbyLag> condition) {
            return condition.test(direct) && condition.test(relayed);
        }
    }

    @BeforeEach
    void start() throws IOException, SQLException {
        startPrimary(MAJOR, Map.of());
        startRelay(Map.of());
        atPrimary = clusters.closing(ConsoleConnection.to(primary.port()));
        atRelay = clusters.closing(ConsoleConnection.to(relay.port()));
    }

    @Test
    void aStandbyThatAppliesLateIsAsLateAsOneOfTheServer() throws Exception {
        // Given
        Map<String, String> late =
                Map.of("recovery_min_apply_delay", LATE.toMillis() + "ms", "wal_receiver_status_interval", INTERVAL);
        standby("direct", primary.conninfo(), late);
        standby("relayed", relay.conninfo(), late);
        Instant begun = Instant.now();
        List<Both> samples;

        // When
        try (Load load = Load.steady(primary, BETWEEN_COMMITS)) {
            load.awaitMore();
            await("both are late").atMost(PATIENCE).until(() -> lags().each(lag -> isLateBy(lag, LATE.minus(ALIKE))));
            samples = samples(30);
        }

        // Then
        assertThat(median(samples, Both::direct, StandbyLag::replay)).isBetween(LATE.minus(ALIKE), LATE.plus(ALIKE));
        assertThat(median(samples, Both::relayed, StandbyLag::replay)).isBetween(LATE.minus(ALIKE), LATE.plus(ALIKE));
        assertAlike(samples, StandbyLag::replay);
        for (Function<StandbyLag, Optional<Duration>> other :
                List.<Function<StandbyLag, Optional<Duration>>>of(StandbyLag::write, StandbyLag::flush)) {
            assertThat(median(samples, Both::direct, other)).isBetween(Duration.ZERO, ALIKE);
            assertThat(median(samples, Both::relayed, other)).isBetween(Duration.ZERO, ALIKE);
        }
        assertThat(samples).allSatisfy(both -> {
            assertThat(both.direct().replyTime()).isAfter(begun);
            assertThat(both.relayed().replyTime()).isAfter(begun);
        });
        awaitNothing();
    }

    @Test
    void theLagOfAStandbyThatDoesNotApplyGrowsAsThatOfOneOfTheServer() throws Exception {
        // Given
        Map<String, String> often = Map.of("wal_receiver_status_interval", INTERVAL);
        PostgresCluster direct = standby("direct", primary.conninfo(), often);
        PostgresCluster relayed = standby("relayed", relay.conninfo(), often);
        try (Load load = Load.steady(primary, BETWEEN_COMMITS)) {
            load.awaitMore();
            await("neither is late")
                    .atMost(PATIENCE)
                    .until(() -> lags().each(lag -> lag.replay()
                            .filter(replay -> replay.compareTo(ALIKE) < 0)
                            .isPresent()));

            // When
            direct.execute("SELECT pg_wal_replay_pause()");
            relayed.execute("SELECT pg_wal_replay_pause()");

            // Then
            await("both are late").atMost(PATIENCE).until(() -> lags().each(lag -> isLateBy(lag, LATE)));
            List<Both> samples = samples(30);
            assertAlike(samples, StandbyLag::replay);
            for (Function<Both, StandbyLag> which : List.<Function<Both, StandbyLag>>of(Both::direct, Both::relayed)) {
                assertThat(replays(samples, which)).isSorted();
                assertThat(grown(samples, which)).isGreaterThan(BETWEEN_SAMPLES.multipliedBy(samples.size() / 2));
            }

            // When
            direct.execute("SELECT pg_wal_replay_resume()");
            relayed.execute("SELECT pg_wal_replay_resume()");

            // Then
            await("neither is late any more").atMost(PATIENCE).until(() -> lags().each(lag -> !isLateBy(lag, ALIKE)));
        }
        awaitNothing();
    }

    @Test
    void whatAClientConfirmsLateIsAsLateInItsWriteAndItsFlush() throws Exception {
        String command = "START_REPLICATION " + Positions.of(primary);
        try (RawReplicationClient direct = RawReplicationClient.connect(primary.port());
                RawReplicationClient relayed = RawReplicationClient.connect(relay.port())) {
            // Given
            List<RawReplicationClient> clients = List.of(direct, relayed);
            for (RawReplicationClient client : clients) {
                client.logIn().query(command).untilCopyBoth();
            }
            Lsn before = Positions.of(primary);
            Rows.insert(primary, 10);
            Lsn end = Positions.of(primary);
            for (RawReplicationClient client : clients) {
                client.untilWal(end);
            }
            Instant sent = Instant.now();

            // When
            awaitAge(sent, LATE.dividedBy(2));
            for (RawReplicationClient client : clients) {
                client.report(end, before, before, false);
            }
            awaitAge(sent, LATE);
            for (RawReplicationClient client : clients) {
                client.report(end, end, before, false);
            }

            // Then
            for (ConsoleConnection shown : List.of(atPrimary, atRelay)) {
                awaitFlushed(shown, end);
                assertThat(lag(shown, "write_lag"))
                        .isBetween(LATE.dividedBy(2), LATE.dividedBy(2).plus(ALIKE));
                assertThat(lag(shown, "flush_lag")).isBetween(LATE, LATE.plus(ALIKE));
            }
        }
    }

    private static void awaitAge(Instant of, Duration age) {
        await("some time")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> Duration.between(of, Instant.now()).compareTo(age) >= 0);
    }

    private static void awaitFlushed(ConsoleConnection shown, Lsn position) {
        await("it has flushed " + position)
                .atMost(PATIENCE)
                .until(() -> shown.ask("SELECT flush_lsn FROM pg_stat_replication WHERE application_name = 'raw'")
                        .equals(position.toString()));
    }

    private static Duration lag(ConsoleConnection shown, String column) throws SQLException {
        String seconds = shown.ask(
                "SELECT extract(epoch FROM " + column + ") FROM pg_stat_replication WHERE application_name = 'raw'");
        return Duration.ofMillis(Math.round(Double.parseDouble(seconds) * 1000));
    }

    private PostgresCluster standby(String name, String upstream, Map<String, String> settings)
            throws IOException, SQLException {
        PostgresCluster standby = clusters.standbyOf(primary.port(), settings);
        standby.follow(upstream + " application_name=" + name, null);
        standby.start();
        ConsoleConnection shown = name.equals("direct") ? atPrimary : atRelay;
        await(name + " has reported")
                .atMost(PATIENCE)
                .until(() -> shown.ask("SELECT count(*) FROM pg_stat_replication WHERE application_name = '" + name
                                + "' AND state = 'streaming' AND flush_lsn IS NOT NULL AND reply_time IS NOT NULL")
                        .equals("1"));
        return standby;
    }

    private Both lags() throws SQLException {
        return new Both(StandbyLag.of(atPrimary, "direct"), StandbyLag.of(atRelay, "relayed"));
    }

    private List<Both> samples(int count) {
        List<Both> samples = new ArrayList<>();
        await("samples").atMost(PATIENCE).pollInterval(BETWEEN_SAMPLES).until(() -> {
            samples.add(lags());
            return samples.size() == count;
        });
        return samples;
    }

    private static boolean isLateBy(StandbyLag lag, Duration atLeast) {
        return lag.replay().filter(replay -> replay.compareTo(atLeast) >= 0).isPresent();
    }

    /** The typical difference: one of the two may have reported just before the moment and the other just after. */
    private static void assertAlike(List<Both> samples, Function<StandbyLag, Optional<Duration>> column) {
        List<Duration> differences = samples.stream()
                .map(both -> column.apply(both.direct())
                        .orElseThrow()
                        .minus(column.apply(both.relayed()).orElseThrow())
                        .abs())
                .sorted()
                .toList();
        assertThat(differences.get(differences.size() / 2))
                .as("the median of " + differences)
                .isLessThan(ALIKE);
    }

    private static Duration median(
            List<Both> samples, Function<Both, StandbyLag> which, Function<StandbyLag, Optional<Duration>> column) {
        List<Duration> sorted = samples.stream()
                .map(which)
                .map(column)
                .flatMap(Optional::stream)
                .sorted()
                .toList();
        assertThat(sorted).as("samples of which none is NULL").hasSameSizeAs(samples);
        return sorted.get(sorted.size() / 2);
    }

    private static List<Duration> replays(List<Both> samples, Function<Both, StandbyLag> which) {
        return samples.stream()
                .map(which)
                .map(StandbyLag::replay)
                .flatMap(Optional::stream)
                .toList();
    }

    private static Duration grown(List<Both> samples, Function<Both, StandbyLag> which) {
        List<Duration> replays = replays(samples, which);
        return replays.getLast().minus(replays.getFirst());
    }

    /** Both have everything, and have had nothing to do for a while. */
    private void awaitNothing() {
        await("no lag is shown").atMost(PATIENCE).until(() -> lags().each(StandbyLag::isNothing));
    }
}
