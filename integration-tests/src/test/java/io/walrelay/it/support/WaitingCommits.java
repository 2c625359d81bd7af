package io.walrelay.it.support;

import static org.awaitility.Awaitility.await;

import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/** Commits on a primary that may have to wait for its synchronous standbys. They write to the table of {@link Rows}. */
public final class WaitingCommits {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** How long something has to go on not happening to be taken as not happening. */
    private static final Duration STILL = Duration.ofMillis(700);

    private final PostgresCluster primary;

    public WaitingCommits(PostgresCluster primary) {
        this.primary = primary;
    }

    /** Begins one, with this value of synchronous_commit, on a thread of its own: one that waits holds up no other. */
    public CompletableFuture<Void> commit(String synchronousCommit) {
        return CompletableFuture.runAsync(
                () -> commitNow(synchronousCommit),
                task -> Thread.ofPlatform().name("commit").daemon().start(task));
    }

    private void commitNow(String synchronousCommit) {
        try (Connection connection = primary.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET synchronous_commit = " + synchronousCommit);
            statement.execute("INSERT INTO rows (content) VALUES ('" + synchronousCommit + "')");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether any waits. */
    public boolean anyWaits() throws SQLException {
        return !primary.query("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
                .orElseThrow()
                .equals("0");
    }

    /** Waits until one waits. */
    public void awaitWaiting() {
        await("a commit waits").atMost(PATIENCE).until(this::anyWaits);
    }

    /** Waits until a relay has all WAL of the primary; returns where that ends. */
    public Lsn awaitAllOn(Relay relay) throws SQLException, IOException {
        Lsn position = Positions.of(primary);
        await().atMost(PATIENCE).until(() -> !Positions.of(relay).isBefore(position));
        return position;
    }

    /** Holds if this is so, and goes on being so. */
    public static void stays(String what, Callable<Boolean> condition) {
        await(what).during(STILL).atMost(STILL.multipliedBy(4)).until(condition);
    }
}
