package io.walrelay.proxy.demo;

import io.walrelay.proxy.embedded.PostgresCluster;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The rows that flow in the interactive demo, and the look at where they are. Each look writes a few rows, and measures
 * how long it takes until the standby has replayed them. One thread owns an instance.
 */
final class Traffic implements AutoCloseable {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(2);

    /**
     * What one look saw.
     *
     * @param primaryLsn the end of the primary's WAL
     * @param primaryRows rows on the primary
     * @param relayLsn what the relay has written down durably, as the primary knows it; "-" when it is not connected
     * @param relayLag how far that is behind, in bytes
     * @param standbyLsn what the standby has replayed
     * @param standbyLag how far that is behind, in bytes
     * @param standbyRows rows on the standby
     * @param delayMicros from a commit on the primary to its replay on the standby, in µs; negative when it took too
     *     long
     */
    record Sample(
            String primaryLsn,
            long primaryRows,
            String relayLsn,
            long relayLag,
            String standbyLsn,
            long standbyLag,
            long standbyRows,
            long delayMicros) {}

    private final Connection primary;
    private final Connection standby;
    private final PreparedStatement insert;
    private final PreparedStatement replayed;
    private long primaryRows;

    Traffic(PostgresCluster primaryCluster, PostgresCluster standbyCluster) throws SQLException {
        primary = primaryCluster.connect();
        standby = standbyCluster.connect();
        insert = primary.prepareStatement(
                "INSERT INTO measurement (content)" + " SELECT md5(random()::text) FROM generate_series(1, ?)");
        replayed = standby.prepareStatement("SELECT pg_last_wal_replay_lsn() >= ?::pg_lsn");
    }

    /** Writes rows and looks. */
    Sample sample(int rows) throws SQLException {
        insert.setInt(1, rows);
        primaryRows += insert.executeUpdate();
        long committed = System.nanoTime();
        long delay = awaitReplay(text(primary, "SELECT pg_current_wal_flush_lsn()"), committed);
        try (Statement onPrimary = primary.createStatement();
                Statement onStandby = standby.createStatement();
                ResultSet ofPrimary = onPrimary.executeQuery(
                        "SELECT now.lsn, coalesce(r.flush_lsn::text, '-'), coalesce(now.lsn - r.flush_lsn, 0)"
                                + " FROM (SELECT pg_current_wal_flush_lsn() AS lsn) AS now"
                                + " LEFT JOIN pg_stat_replication r ON true LIMIT 1")) {
            ofPrimary.next();
            String primaryLsn = ofPrimary.getString(1);
            try (ResultSet ofStandby = onStandby.executeQuery("SELECT lsn, '" + primaryLsn
                    + "'::pg_lsn - lsn, (SELECT count(*) FROM measurement) FROM pg_last_wal_replay_lsn() AS lsn")) {
                ofStandby.next();
                return new Sample(
                        primaryLsn,
                        primaryRows,
                        ofPrimary.getString(2),
                        ofPrimary.getLong(3),
                        ofStandby.getString(1),
                        Math.max(0, ofStandby.getLong(2)),
                        ofStandby.getLong(3),
                        delay);
            }
        }
    }

    @Override
    public void close() throws SQLException {
        try (primary) {
            standby.close();
        }
    }

    private long awaitReplay(String lsn, long since) throws SQLException {
        replayed.setString(1, lsn);
        while (System.nanoTime() - since < PATIENCE) {
            try (ResultSet result = replayed.executeQuery()) {
                if (result.next() && result.getBoolean(1)) {
                    return TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - since);
                }
            }
            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(200));
        }
        return -1;
    }

    private static String text(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getString(1);
        }
    }
}
