package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.Clusters;
import io.walrelay.it.support.Load;
import io.walrelay.it.support.Positions;
import io.walrelay.it.support.RawReplicationClient;
import io.walrelay.it.support.Relays;
import io.walrelay.it.support.Rows;
import io.walrelay.it.support.ServeProcess;
import io.walrelay.it.support.Signal;
import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
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

    /** How long something has to go on not happening to be taken as not happening. */
    private static final Duration STILL = Duration.ofMillis(700);

    private final List<Long> stopped = new ArrayList<>();

    @SuppressWarnings("NullAway.Init") // before all tests
    private Clusters clusters;

    @SuppressWarnings("NullAway.Init") // before all tests
    private PostgresCluster primary;

    @SuppressWarnings("NullAway.Init") // before all tests
    private ServeProcess relay;

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
        relay = Relays.process(
                clusters, primary.conninfo() + " application_name=relay", Map.of("log_min_messages", "info"));
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
            awaitWaiting();
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
        awaitWaiting();
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
        awaitWaiting();
        stays("the commit waits", () -> !commit.isDone());
        configure("sync, third", "all", "0", "wait");
        commit.get(60, TimeUnit.SECONDS);

        // When
        configure("sync", "all", "0", "wait");
        CompletableFuture<Void> next = commit("on");
        awaitWaiting();
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
        awaitWaiting();
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

        // When
        commit("on").get(60, TimeUnit.SECONDS);

        // Then
        Lsn position = awaitRelay();
        assertThat(count("replication is asynchronous now")).isEqualTo(before + 1);
        awaitReceived(second, position);
        commit("on").get(60, TimeUnit.SECONDS);
        assertThat(count("replication is asynchronous now")).isEqualTo(before + 1);

        // When
        goOnNow();

        // Then
        await().atMost(PATIENCE).until(() -> relay.log().contains("replication is synchronous again from"));
        configure("sync", "all", "0", "wait");
        stop(sync);
        CompletableFuture<Void> commit = commit("on");
        awaitWaiting();
        stays("a commit waits again", () -> !commit.isDone());
        goOnNow();
        commit.get(60, TimeUnit.SECONDS);
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
    void theSetIsChangedUnderLoad() throws Exception {
        // Given
        configure("sync", "all", "0", "wait");
        try (Load load = Load.on(primary)) {
            load.awaitMore();

            // When / Then
            for (String names : List.of(
                    "second", "ANY 1 (sync, third)", "FIRST 2 (third, sync)", "", "3 (*)", "second, *", "sync")) {
                configure(names, names.isEmpty() ? "commit" : "all", "0", "wait");
                load.awaitMore();
            }
            stop(sync);
            await("the load waits").atMost(PATIENCE).until(this::waits);
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
        return CompletableFuture.runAsync(() -> {
            try (Connection connection = primary.connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("SET synchronous_commit = " + synchronousCommit);
                statement.execute("INSERT INTO rows (content) VALUES ('" + synchronousCommit + "')");
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private boolean waits() throws SQLException {
        return !primary.query("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
                .orElseThrow()
                .equals("0");
    }

    private void awaitWaiting() {
        await("a commit waits").atMost(PATIENCE).until(this::waits);
    }

    /** Waits until the relay has all WAL of the primary; returns where that ends. */
    private Lsn awaitRelay() throws SQLException {
        Lsn position = Positions.of(primary);
        await().atMost(PATIENCE).until(() -> !Positions.of(relay).isBefore(position));
        return position;
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

    private static void stays(String what, Callable<Boolean> condition) {
        await(what).during(STILL).atMost(STILL.multipliedBy(4)).until(condition);
    }

    private int count(String text) {
        return relay.log().split(text, -1).length - 1;
    }
}
