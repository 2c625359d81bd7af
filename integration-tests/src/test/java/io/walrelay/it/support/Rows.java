package io.walrelay.it.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.replication.Lsn;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/** A table of rows, written to a primary and compared with a standby. */
public final class Rows {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private Rows() {}

    /** Makes the table. */
    public static void createTable(PostgresCluster primary) throws SQLException {
        primary.execute("CREATE TABLE rows (i bigserial PRIMARY KEY, content text NOT NULL)");
    }

    /** Writes rows of some 700 bytes each, in one transaction. */
    public static void insert(PostgresCluster primary, int count) throws SQLException {
        primary.execute("INSERT INTO rows (content) SELECT repeat(md5(n::text), 20) FROM generate_series(1, " + count
                + ") AS n");
    }

    /** Waits until the standby has replayed all that the primary has now, and compares their rows. */
    public static void assertEqual(PostgresCluster primary, PostgresCluster standby) throws SQLException {
        awaitReplayed(primary, standby);
        assertThat(content(standby)).isEqualTo(content(primary));
    }

    /** Waits until the standby has replayed all that the primary has now. */
    public static void awaitReplayed(PostgresCluster primary, PostgresCluster standby) throws SQLException {
        Lsn end = Lsn.parse(primary.query("SELECT pg_current_wal_flush_lsn()").orElseThrow());
        await("replay of " + end + "; the standby's log is " + standby.log())
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> !replayed(standby).isBefore(end));
    }

    /** The number of rows, and a checksum of all of them. */
    public static String content(PostgresCluster cluster) throws SQLException {
        return cluster.query(
                        "SELECT count(*) || ' ' || coalesce(md5(string_agg(r::text, '|' ORDER BY i)), '') FROM rows r")
                .orElseThrow();
    }

    private static Lsn replayed(PostgresCluster standby) throws SQLException {
        Optional<String> lsn = standby.query("SELECT pg_last_wal_replay_lsn()");
        return lsn.map(Lsn::parse).orElse(Lsn.INVALID);
    }
}
