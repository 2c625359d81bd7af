package io.walrelay.it;

import static io.walrelay.it.support.WaitingCommits.stays;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.ClientTools;
import io.walrelay.it.support.Clusters;
import io.walrelay.it.support.ConsoleConnection;
import io.walrelay.it.support.Metrics;
import io.walrelay.it.support.PgBench;
import io.walrelay.it.support.Positions;
import io.walrelay.it.support.RawReplicationClient;
import io.walrelay.it.support.Relays;
import io.walrelay.it.support.Rows;
import io.walrelay.it.support.ServeProcess;
import io.walrelay.it.support.Signal;
import io.walrelay.it.support.WaitingCommits;
import io.walrelay.proxy.embedded.FreePort;
import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The relay is the primary's only synchronous standby, and stands in for standbys behind it: which commits wait, and
 * which WAL is not sent, while a standby's walreceiver is stopped.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SynchronousIT {
    private static final int MAJOR = 15;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Further than any WAL. */
    private static final Lsn FAR = Lsn.parse("FFFFFFFF/FFFFFFFF");

    private final List<Long> stopped = new ArrayList<>();

    @SuppressWarnings("NullAway.Init") // before all tests
    private Clusters clusters;

    @SuppressWarnings("NullAway.Init") // before all tests
    private PostgresCluster primary;

    @SuppressWarnings("NullAway.Init") // before all tests
    private ServeProcess relay;

    @SuppressWarnings("NullAway.Init") // before all tests
    private WaitingCommits commits;

    @SuppressWarnings("NullAway.Init") // before all tests
    private Metrics metrics;

    @SuppressWarnings("NullAway.Init") // before all tests
    private PostgresCluster sync;

    @SuppressWarnings("NullAway.Init") // before all tests
    private PostgresCluster second;

    @SuppressWarnings("NullAway.Init") // before all tests
    private PostgresCluster third;

    @BeforeAll
    void start() throws IOException, SQLException {
        clusters = Clusters.of(MAJOR);
        primary = clusters.primary(Map.of());
        Rows.createTable(primary);
        int metricsPort = FreePort.next();
        metrics = new Metrics(metricsPort);
        relay = Relays.process(
                clusters,
                primary.conninfo() + " application_name=relay",
                Map.of("log_min_messages", "info", "metrics_port", Integer.toString(metricsPort)));
        commits = new WaitingCommits(primary);
        sync = standby("sync");
        second = standby("second");
        third = standby("third");
        primary.set("synchronous_standby_names", "relay");
        primary.reload();
    }

    @AfterAll
    void stop() throws IOException {
        clusters.close();
    }

    @AfterEach
    void goOn() throws Exception {
        for (long pid : stopped) {
            Signal.goOn(pid);
        }
        stopped.clear();
        configure("sync", "off", "0", "wait");
        commit("on").get(60, TimeUnit.SECONDS);
    }

    private PostgresCluster standby(String name) throws IOException, SQLException {
        PostgresCluster standby = clusters.standbyOf(relay.port(), Map.of());
        standby.follow(relay.conninfo() + " application_name=" + name, null);
        standby.start();
        return standby;
    }

    @ParameterizedTest
    @CsvSource({"off, false, false", "commit, true, false", "data_flush, false, true", "all, true, true"})
    void theTableOfSynchronousTransferHolds(String transfer, boolean commitsWait, boolean othersWait) throws Exception {
        // Given
        configure("sync", transfer, "0", "wait");
        commit("on").get(60, TimeUnit.SECONDS);
        awaitReceived(sync);
        awaitReceived(second);
        stop(sync);

        // When
        CompletableFuture<Void> commit = commit("on");

        // Then
        if (commitsWait) {
            commits.awaitWaiting();
        } else {
            commit.get(60, TimeUnit.SECONDS);
        }
        Lsn position = awaitRelay();
        if (othersWait) {
            stays(
                    "the others do not get it",
                    () -> received(second).isBefore(position) && received(third).isBefore(position));
        } else {
            awaitReceived(second, position);
            awaitReceived(third, position);
        }
        if (commitsWait) {
            stays("the commit waits", () -> !commit.isDone());
        }

        // When
        goOnNow();

        // Then
        commit.get(60, TimeUnit.SECONDS);
        awaitReceived(sync, position);
        awaitReceived(second, position);
        awaitReceived(third, position);
    }

    @ParameterizedTest
    @CsvSource({"off", "commit", "data_flush", "all"})
    void nobodyWaitsForAStandbyThatIsNotInTheSet(String transfer) throws Exception {
        // Given
        configure("sync", transfer, "0", "wait");
        commit("on").get(60, TimeUnit.SECONDS);
        stop(second);

        // When
        commit("on").get(60, TimeUnit.SECONDS);

        // Then
        Lsn position = awaitRelay();
        awaitReceived(sync, position);
        awaitReceived(third, position);
    }

    @Test
    void aQuorumWaitsForTheNumberItSays() throws Exception {
        // Given
        configure("ANY 2 (sync, second, third)", "commit", "0", "wait");
        commit("on").get(60, TimeUnit.SECONDS);

        // When / Then
        stop(sync);
        commit("on").get(60, TimeUnit.SECONDS);
        stop(third);
        CompletableFuture<Void> commit = commit("on");
        commits.awaitWaiting();
        stays("the commit waits", () -> !commit.isDone());
        goOnNow();
        commit.get(60, TimeUnit.SECONDS);
    }

    @Test
    void aStandbyThatIsGoneIsWaitedForUntilItIsBackOrAnotherTakesItsPlace() throws Exception {
        // Given
        configure("sync", "all", "0", "wait");
        commit("on").get(60, TimeUnit.SECONDS);
        sync.stop(PostgresCluster.StopMode.FAST);

        // When
        CompletableFuture<Void> commit = commit("on");

        // Then
        commits.awaitWaiting();
        stays("the commit waits", () -> !commit.isDone());
        configure("sync, third", "all", "0", "wait");
        commit.get(60, TimeUnit.SECONDS);

        // When
        configure("sync", "all", "0", "wait");
        CompletableFuture<Void> next = commit("on");
        commits.awaitWaiting();
        sync.start();

        // Then
        next.get(60, TimeUnit.SECONDS);
    }

    @Test
    void eachLevelOfSynchronousCommitWaitsForWhatItSays() throws Exception {
        // Given
        configure("raw", "commit", "0", "wait");
        Lsn before = Positions.of(primary);
        try (RawReplicationClient raw = RawReplicationClient.connect(relay.port())) {
            raw.startup("user", "postgres", "database", "replication", "replication", "true", "application_name", "raw")
                    .untilReady();
            raw.query("START_REPLICATION " + before).untilCopyBoth();
            raw.report(before, before, before, false);

            // When / Then
            Lsn after = releasedOnly("remote_write", raw, position -> raw.report(position, before, before, false));
            after = releasedOnly("on", raw, after, position -> raw.report(position, position, before, false));
            releasedOnly("remote_apply", raw, after, position -> raw.report(position, position, position, false));
        }
    }

    /** What makes a report of a position. */
    @FunctionalInterface
    private interface Report {
        void of(Lsn position) throws IOException;
    }

    private Lsn releasedOnly(String level, RawReplicationClient raw, Report release) throws Exception {
        return releasedOnly(level, raw, Lsn.INVALID, release);
    }

    /** A commit that waits, also when less than what it waits for is reported, until it is released. */
    private Lsn releasedOnly(String level, RawReplicationClient raw, Lsn reported, Report release) throws Exception {
        CompletableFuture<Void> commit = commit(level);
        commits.awaitWaiting();
        Lsn position = awaitRelay();
        if (reported.isValid()) {
            boolean apply = level.equals("remote_apply");
            raw.report(position, apply ? position : reported, Lsn.INVALID, false);
        }
        stays("a commit with " + level + " waits", () -> !commit.isDone());
        release.of(position);
        commit.get(60, TimeUnit.SECONDS);
        return position;
    }

    @Test
    void theRelayGoesOnAloneAfterTheTimeoutAndIsArmedAgain() throws Exception {
        // Given
        configure("sync", "all", "1500ms", "async");
        commit("on").get(60, TimeUnit.SECONDS);
        stop(sync);
        int before = count("replication is asynchronous now");
        double degradations = metrics.value("walrelay_sync_degradations_total");
        assertThat(metrics.value("walrelay_sync_degraded")).isZero();

        // When
        commit("on").get(60, TimeUnit.SECONDS);

        // Then
        Lsn position = awaitRelay();
        assertThat(count("replication is asynchronous now")).isEqualTo(before + 1);
        assertThat(metrics.value("walrelay_sync_degraded")).isEqualTo(1);
        assertThat(metrics.value("walrelay_sync_degradations_total")).isEqualTo(degradations + 1);
        assertThat(ask("SELECT state FROM walrelay.sync_state")).isEqualTo("degraded");
        assertThat(ask("SELECT count(*) FROM walrelay.degradations WHERE state = 'degraded' AND ended IS NULL"))
                .isEqualTo("1");
        await("the metric of what was reported")
                .atMost(PATIENCE)
                .until(() -> metrics.value("walrelay_reported_flush_lsn_bytes") >= (double) position.value());
        assertThat(metrics.value("walrelay_sync_confirmed_lsn_bytes")).isLessThan((double) position.value());
        awaitReceived(second, position);
        commit("on").get(60, TimeUnit.SECONDS);
        assertThat(count("replication is asynchronous now")).isEqualTo(before + 1);

        // When
        goOnNow();

        // Then
        await().atMost(PATIENCE).until(() -> relay.log().contains("replication is synchronous again from"));
        assertThat(metrics.value("walrelay_sync_degraded")).isZero();
        assertThat(metrics.value("walrelay_sync_degradations_total")).isEqualTo(degradations + 1);
        assertThat(ask("SELECT state FROM walrelay.sync_state")).isEqualTo("armed");
        assertThat(ask("SELECT count(*) FROM walrelay.degradations WHERE ended IS NULL"))
                .isEqualTo("0");
        configure("sync", "all", "0", "wait");
        stop(sync);
        CompletableFuture<Void> commit = commit("on");
        commits.awaitWaiting();
        stays("a commit waits again", () -> !commit.isDone());
        goOnNow();
        commit.get(60, TimeUnit.SECONDS);
    }

    @Test
    void aCommitThatWaitsForAnApplyWaitsAlsoWhileTheRelayGoesOnAlone() throws Exception {
        // Given
        configure("sync", "all", "300ms", "async");
        commit("on").get(60, TimeUnit.SECONDS);
        stop(sync);
        commit("on").get(60, TimeUnit.SECONDS);
        assertThat(metrics.value("walrelay_sync_degraded")).isEqualTo(1);

        // When
        CompletableFuture<Void> commit = commit("remote_apply");

        // Then: the others have applied it, and are not whom it waits for
        commits.awaitWaiting();
        awaitReceived(second, awaitRelay());
        stays("it waits", () -> !commit.isDone());
        commit("on").get(60, TimeUnit.SECONDS);
        assertThat(commit).isNotDone();

        // When
        goOnNow();

        // Then
        commit.get(60, TimeUnit.SECONDS);
    }

    @Test
    void aStandbyThatLiesReleasesNothingBeforeItIsThere() throws Exception {
        // Given
        configure("liar", "commit", "0", "wait");
        Lsn before = Positions.of(primary);
        try (RawReplicationClient liar = RawReplicationClient.connect(relay.port())) {
            liar.startup(
                            "user",
                            "postgres",
                            "database",
                            "replication",
                            "replication",
                            "true",
                            "application_name",
                            "liar")
                    .untilReady();
            liar.query("START_REPLICATION " + before).untilCopyBoth();
            liar.report(before, before, before, true).untilKeepalive();

            // When: it has what nobody has yet
            liar.report(FAR, FAR, FAR, true).untilKeepalive();
            // A keepalive may have come by itself. Not before the lie has arrived is the commit one that came after it.
            liar.report(FAR, FAR, FAR, true).untilKeepalive();
            CompletableFuture<Void> commit = commit("on");

            // Then
            commits.awaitWaiting();
            Lsn position = awaitRelay();
            stays("a commit that came after the lie waits", () -> !commit.isDone());
            assertThat(reportedFlush()).isLessThan(position);

            // When: it has less than it had
            Lsn reported = reportedFlush();
            liar.report(Lsn.INVALID, Lsn.INVALID, Lsn.INVALID, false);
            liar.report(before, before, before, false);

            // Then
            stays(
                    "it waits, and nothing goes back",
                    () -> !commit.isDone() && !reportedFlush().isBefore(reported));

            // When: it has what it says
            liar.report(position, position, position, false);

            // Then
            commit.get(60, TimeUnit.SECONDS);
        }
    }

    /** What the relay has told the primary. */
    private Lsn reportedFlush() throws SQLException {
        return primary.query("SELECT flush_lsn FROM pg_stat_replication WHERE application_name = 'relay'")
                .map(Lsn::parse)
                .orElse(Lsn.INVALID);
    }

    @Test
    void theRelaySaysThatItWaitsAndWaits() throws Exception {
        // Given
        configure("sync", "commit", "500ms", "wait");
        commit("on").get(60, TimeUnit.SECONDS);
        stop(sync);

        // When
        CompletableFuture<Void> commit = commit("on");

        // Then
        await().atMost(PATIENCE).until(() -> relay.log().contains("waiting for them"));
        assertThat(commit).isNotDone();
        goOnNow();
        commit.get(60, TimeUnit.SECONDS);
        await().atMost(PATIENCE).until(() -> relay.log().contains("the synchronous standbys are no longer late"));
    }

    @Test
    void theViewShowsWhoIsSynchronousAsAPrimaryDoes() throws Exception {
        // Given: a primary with standbys of the same names
        PostgresCluster model = clusters.primary(Map.of());
        for (String name : List.of("sync", "second", "third")) {
            Lsn position = Positions.of(model);
            clusters.closing(RawReplicationClient.connect(model.port()))
                    .startup("user", "postgres", "replication", "true", "application_name", name)
                    .untilReady()
                    .query("START_REPLICATION " + position)
                    .untilCopyBoth()
                    .report(position, position, position, false);
        }
        for (String[] row : new String[][] {
            {"", "second|async|0", "sync|async|0", "third|async|0"},
            {"sync", "second|async|0", "sync|sync|1", "third|async|0"},
            {"SECOND, *", "second|sync|1", "sync|potential|2", "third|potential|2"},
            {"FIRST 2 (third, second, sync)", "second|sync|2", "sync|potential|3", "third|sync|1"},
            {"ANY 2 (sync, third)", "second|async|0", "sync|quorum|1", "third|quorum|1"},
            {"nobody, third", "second|async|0", "sync|async|0", "third|sync|2"}
        }) {
            String shown = String.join("\n", List.of(row).subList(1, row.length));

            // When
            configure(row[0], "off", "0", "wait");
            model.set("synchronous_standby_names", row[0]);
            model.reload();

            // Then
            for (int port : new int[] {relay.port(), model.port()}) {
                await(row[0])
                        .atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(standings(port)).isEqualTo(shown));
            }
        }
    }

    private static String standings(int port) throws SQLException, IOException {
        try (ConsoleConnection shown = ConsoleConnection.to(port)) {
            return shown.ask("SELECT application_name, sync_state, sync_priority FROM pg_stat_replication ORDER BY 1");
        }
    }

    @Test
    void theSetIsChangedUnderPgbench() throws Exception {
        // Given
        ClientTools tools = ClientTools.require(MAJOR);
        configure("sync", "all", "0", "wait");
        try (PgBench load = PgBench.on(primary, tools, clusters.newDirectory("pgbench"))) {
            load.awaitMore();

            // When / Then
            for (String names : List.of(
                    "second", "ANY 1 (sync, third)", "FIRST 2 (third, sync)", "", "3 (*)", "second, *", "sync")) {
                configure(names, names.isEmpty() ? "commit" : "all", "0", "wait");
                load.awaitMore();
            }
            stop(sync);
            await("the load waits").atMost(PATIENCE).until(commits::anyWaits);
            configure("third", "all", "0", "wait");
            load.awaitMore();
            goOnNow();
        }
        Lsn position = awaitRelay();
        for (PostgresCluster standby : List.of(sync, second, third)) {
            awaitReceived(standby, position);
        }
        assertThat(relay.log())
                .contains("standby \"third\" is now a synchronous standby with priority 1")
                .contains("standby \"third\" is now a candidate for quorum synchronous standby");
    }

    private void configure(String names, String transfer, String timeout, String action) throws IOException {
        relay.configure("synchronous_standby_names", names)
                .configure("synchronous_transfer", transfer)
                .configure("replication_timeout", timeout)
                .configure("replication_timeout_action", action)
                .reload();
        for (Map.Entry<String, String> setting : Map.of(
                        "synchronous_standby_names", names,
                        "synchronous_transfer", transfer,
                        "replication_timeout", timeout,
                        "replication_timeout_action", action)
                .entrySet()) {
            await(setting.getKey() + " is in force")
                    .atMost(PATIENCE)
                    .until(() -> Positions.ask(relay.port(), "SHOW " + setting.getKey())
                            .contains("DataRow '" + setting.getValue() + "'"));
        }
    }

    private void stop(PostgresCluster standby) throws Exception {
        // What it has it may have said or not: only what comes from now on tells.
        awaitReceived(standby);
        stopped.add(Signal.stopWalReceiver(standby));
    }

    private void goOnNow() throws IOException {
        for (long pid : stopped) {
            Signal.goOn(pid);
        }
        stopped.clear();
    }

    private CompletableFuture<Void> commit(String synchronousCommit) {
        return commits.commit(synchronousCommit);
    }

    private Lsn awaitRelay() throws SQLException, IOException {
        return commits.awaitAllOn(relay);
    }

    private static Lsn received(PostgresCluster standby) throws SQLException {
        return standby.query("SELECT pg_last_wal_receive_lsn()").map(Lsn::parse).orElse(Lsn.INVALID);
    }

    private void awaitReceived(PostgresCluster standby) throws SQLException {
        awaitReceived(standby, Positions.of(primary));
    }

    private static void awaitReceived(PostgresCluster standby, Lsn position) {
        await("a standby has WAL up to " + position)
                .atMost(PATIENCE)
                .until(() -> !received(standby).isBefore(position));
    }

    private String ask(String sql) throws SQLException, IOException {
        try (ConsoleConnection console = ConsoleConnection.to(relay.port())) {
            return console.ask(sql);
        }
    }

    private int count(String text) {
        return relay.log().split(text, -1).length - 1;
    }
}
