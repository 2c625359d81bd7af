package io.walrelay.it.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.proxy.embedded.PostgresCluster;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writers that commit without end, and the list of the commits that the server has told them of: those must never be
 * lost. A commit that ended with an error may be there or not.
 */
public final class Commits {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final AtomicLong next = new AtomicLong();
    private final Set<Long> acknowledged = new ConcurrentSkipListSet<>();
    private final List<Thread> writers = new ArrayList<>();

    /** Makes the table. */
    public static Commits in(PostgresCluster primary) throws SQLException {
        primary.execute("CREATE TABLE commits (n bigint PRIMARY KEY, content text NOT NULL)");
        return new Commits();
    }

    /** Starts writers, each of which ends with its connection. */
    public void write(PostgresCluster primary, int count) {
        for (int i = 0; i < count; i++) {
            writers.add(Thread.ofPlatform().daemon().name("writer-" + i).start(() -> run(primary)));
        }
    }

    /** How many commits are acknowledged. */
    public int count() {
        return acknowledged.size();
    }

    /** Waits until so many more are acknowledged. */
    public void awaitMore(int more) {
        int enough = count() + more;
        await("commits are acknowledged")
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> count() >= enough);
    }

    /** Waits until all writers have lost their server. */
    public void awaitEnd() {
        await("the writers end").atMost(PATIENCE).until(() -> writers.stream().noneMatch(Thread::isAlive));
        writers.clear();
    }

    /** Looks for every acknowledged commit in another server. */
    public void assertAllIn(PostgresCluster server) throws SQLException {
        Set<Long> lost = new TreeSet<>(acknowledged);
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT n FROM commits")) {
            while (rows.next()) {
                lost.remove(rows.getLong(1));
            }
        }
        assertThat(lost).as("commits that were acknowledged and are lost").isEmpty();
    }

    private void run(PostgresCluster primary) {
        try (Connection connection = primary.connect();
                PreparedStatement insert = connection.prepareStatement(
                        "INSERT INTO commits SELECT ?, repeat(md5(random()::text), (random() * 40)::int)")) {
            while (true) {
                long n = next.incrementAndGet();
                insert.setLong(1, n);
                insert.executeUpdate();
                if (insert.getWarnings() == null) {
                    // A warning says that the commit was not waited for.
                    acknowledged.add(n);
                }
            }
        } catch (SQLException e) {
            // The server is gone, and whether the last commit is there nobody knows.
        }
    }
}
