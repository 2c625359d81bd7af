package io.walrelay.bench.client;

import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.replication.Lsn;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Commits one small transaction after another, with a pause between them, and notes when each was begun. One thread's.
 */
public final class Committer implements AutoCloseable {
    private final Connection connection;
    private final PreparedStatement insert;

    /**
     * A transaction.
     *
     * @param begun the {@link System#nanoTime} before it was sent
     * @param position where its commit record begins: what arrives behind it is, or holds, the commit
     */
    public record Commit(long begun, Lsn position) {}

    /** Connects. */
    public Committer(PostgresCluster primary) throws SQLException {
        connection = primary.connect();
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE IF NOT EXISTS probe (i bigserial PRIMARY KEY, content text)");
        }
        insert = connection.prepareStatement(
                "INSERT INTO probe (content) VALUES ('a row of some size or other') RETURNING pg_current_wal_insert_lsn()");
    }

    /** Commits so often. */
    public List<Commit> commit(int count, long pauseNanos) throws SQLException {
        List<Commit> commits = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            LockSupport.parkNanos(pauseNanos);
            long begun = System.nanoTime();
            try (ResultSet result = insert.executeQuery()) {
                result.next();
                commits.add(new Commit(begun, Lsn.parse(result.getString(1))));
            }
        }
        return commits;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
