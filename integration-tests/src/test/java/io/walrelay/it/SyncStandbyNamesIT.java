package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.Clusters;
import io.walrelay.it.support.RawReplicationClient;
import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.proxy.syncrep.ReplicationState;
import io.walrelay.proxy.syncrep.StandbyNamesException;
import io.walrelay.proxy.syncrep.StandbyPositions;
import io.walrelay.proxy.syncrep.SyncMethod;
import io.walrelay.proxy.syncrep.SyncStandbyNames;
import io.walrelay.proxy.syncrep.SyncStandbys;
import io.walrelay.proxy.syncrep.SyncStanding;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Values of {@code synchronous_standby_names} and sets of standbys, decided by a real primary and by the relay's code:
 * the same errors, {@code sync_state}, {@code sync_priority} and released positions.
 *
 * <p>The standbys are connections to the primary that report what the test tells them. What a primary releases it says
 * in its log, at DEBUG3, after every report of a synchronous standby.
 *
 * <p>{@code -Dwalrelay.it.seed=N} repeats the positions of a run.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SyncStandbyNamesIT {
    private static final int MAJOR = 15;
    private static final int SETS_OF_EACH = 5;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** In the order of their connections, which decides between equals. The last one does not read what it is sent. */
    private static final List<String> STANDBYS = List.of("s1", "s2", "S3", "s1", "a b", "2", "any", "slow");

    private static final int SLOW = STANDBYS.size() - 1;

    private static final List<String> VALUES = List.of(
            "s1",
            "S1",
            "s2, s1",
            "s3",
            "\"S3\"",
            "\"s3\", s2",
            "*",
            "\"*\"",
            "s2, *",
            "2",
            "2, s1",
            "2 (2)",
            "1 (2, s2)",
            "2 (s1, s2)",
            "2 (s2, S3, s1)",
            "3 (s1,s2,s3)",
            "4 (s1, s2, s3)",
            "5 (s1, s2, s3)",
            "2(*)",
            "FIRST 1 (s1)",
            "first 2 (s3, \"a b\")",
            "First 3 (s3, \"A B\", *)",
            "FIRST 7 (*)",
            "FIRST 8 (*)",
            "FIRST 2 (slow, s2, s3)",
            "FIRST 1 (slow)",
            "slow, s1",
            "ANY 1 (s1)",
            "any 1 (s1, s2)",
            "aNy 2 (s1, s2, s3)",
            "ANY 3 (s1, s2, s3)",
            "ANY 4 (s1, s2, s3)",
            "ANY 2 (*)",
            "ANY 7 (*)",
            "ANY 8 (*)",
            "ANY 1 (slow)",
            "ANY 2 (slow, s1)",
            "ANY 2 (slow, s1, s2)",
            "\"any\"",
            "\"ANY\", s1",
            "\"a b\"",
            "\"a  b\", s2",
            "\"first\", any_, s2",
            "FIRST 2 (\"any\", 2)",
            "ANY 1 (\"any\", 2)",
            "nobody",
            "1 (nobody, s1)",
            "\"\"",
            "\"s\"\"1\", s2",
            "s1,s1,s1",
            "2 (s1, s1)",
            "4294967297 (s1)",
            "  s1  ,  s2  ");

    private static final List<String> WRONG = List.of(
            " ",
            "any",
            "first",
            "FIRST",
            "ANY 1",
            "FIRST 1",
            "ANY (s1)",
            "FIRST (s1)",
            "any, s1",
            "s1, any",
            "s1, First",
            "s1 s2",
            "s1,",
            ",s1",
            ",",
            "s1,,s2",
            "()",
            "(s1)",
            "1 ()",
            "1 (s1",
            "1 (s1,",
            "1 s1",
            "1 (s1) s2",
            "1 (s1), s2",
            "1 (s1))",
            "1 (1 (s1))",
            "ANY 1 (ANY 1 (s1))",
            "ANY 1 s1",
            "ANY n (s1)",
            "ANY \"1\" (s1)",
            "0 (s1)",
            "ANY 0 (s1)",
            "FIRST 0 (s1)",
            "-1 (s1)",
            "1.5 (s1)",
            "2147483648 (s1)",
            "4294967296 (s1)",
            "99999999999999999999 (s1)",
            "s1-s2",
            "s-1",
            "s1;",
            "$1",
            "s1 'x'",
            "'s1'",
            "\"",
            "\"s1",
            "s1, \"s2",
            "s1 \"s2\"",
            "s1, \"s2\"\"",
            "\"s1\" \"s2\"",
            "\"a\" b",
            "*s1",
            "s1*",
            "**",
            "s1 % s2",
            "é-é",
            "1 (s1) -");

    private static final Pattern RELEASED = Pattern.compile(
            "released \\d+ procs up to write (\\S+), \\d+ procs up to flush (\\S+), \\d+ procs up to apply (\\S+)");

    private final long seed = Long.getLong("walrelay.it.seed", new Random().nextLong(1_000_000));
    private final List<RawReplicationClient> standbys = new ArrayList<>();

    @SuppressWarnings("NullAway.Init") // before all tests
    private Clusters clusters;

    @SuppressWarnings("NullAway.Init") // before all tests
    private PostgresCluster primary;

    @SuppressWarnings("NullAway.Init") // before all tests
    private Connection connection;

    @SuppressWarnings("NullAway.Init") // before all tests
    private RandomAccessFile log;

    /** A value, and what the standbys report. */
    private record Row(String value, List<StandbyPositions> positions) {}

    /** What pg_stat_replication shows of a standby. */
    private record Shown(String name, int priority, String state) {}

    @BeforeAll
    void start() throws IOException, SQLException {
        System.out.printf("seed %d%n", seed);
        clusters = Clusters.of(MAJOR);
        primary = clusters.primary(Map.of(
                "wal_sender_timeout", "0",
                "max_wal_senders", "20",
                "wal_keep_size", "1GB",
                "synchronous_commit", "local"));
        connection = primary.connect();
        log = new RandomAccessFile(primary.log().toFile(), "r");
        Lsn old = position();
        // More than the buffers of a connection hold.
        execute("CREATE TABLE filler AS SELECT repeat(md5(n::text), 30) FROM generate_series(1, 60000) n");
        for (int i = 0; i < STANDBYS.size(); i++) {
            standbys.add(attach(STANDBYS.get(i), i == SLOW ? old : position()));
        }
        await().atMost(PATIENCE)
                .until(() -> ask("SELECT state || count(*) FROM pg_stat_replication GROUP BY state ORDER BY 1")
                        .equals(List.of("catchup1", "streaming" + SLOW)));
    }

    @AfterAll
    void stop() throws IOException, SQLException {
        connection.close();
        log.close();
        for (RawReplicationClient standby : standbys) {
            standby.close();
        }
        clusters.close();
    }

    @TestFactory
    Stream<DynamicTest> statePriorityAndReleasedPositionAreThoseOfPostgreSql() {
        Random random = new Random(seed);
        return VALUES.stream()
                .flatMap(value -> Stream.generate(() -> row(value, random)).limit(SETS_OF_EACH))
                .map(row -> DynamicTest.dynamicTest(row.value() + " with " + row.positions(), () -> decide(row)));
    }

    @TestFactory
    Stream<DynamicTest> whatPostgreSqlRefusesIsRefusedInItsWords() {
        return WRONG.stream().map(value -> DynamicTest.dynamicTest("\"" + value + "\"", () -> refuse(value)));
    }

    /** What the relay does not do as PostgreSQL: there it depends on the order of the connections. */
    @Test
    void postgreSqlPassesOverAnUnknownPositionOfTheStandbyThatConnectedFirst() throws Exception {
        Lsn there = new Lsn(0x3000100);
        StandbyPositions known = new StandbyPositions(there, there, there);
        StandbyPositions withoutApply = new StandbyPositions(there, there, Lsn.INVALID);

        assertThat(releasedBy("2 (s2, s3)", List.of(withoutApply, known))).containsOnly(known);
        assertThat(releasedBy("2 (s2, s3)", List.of(known, withoutApply))).containsOnly(withoutApply);
    }

    private Set<StandbyPositions> releasedBy(String value, List<StandbyPositions> ofSecondAndThird) throws Exception {
        List<StandbyPositions> all = new ArrayList<>(
                STANDBYS.stream().map(name -> StandbyPositions.UNKNOWN).toList());
        all.set(1, ofSecondAndThird.get(0));
        all.set(2, ofSecondAndThird.get(1));
        Row row = new Row(value, all);
        prepare(row);
        return released(row);
    }

    private static Row row(String value, Random random) {
        List<StandbyPositions> positions = new ArrayList<>();
        while (positions.size() < STANDBYS.size()) {
            // Few values, so that there are equal ones; now and then none at all.
            positions.add(new StandbyPositions(some(random), some(random), some(random)));
        }
        return new Row(value, positions);
    }

    private static Lsn some(Random random) {
        int n = random.nextInt(8);
        return n == 0 ? Lsn.INVALID : new Lsn(0x3000000 + 8L * n);
    }

    private void decide(Row row) throws Exception {
        // Given
        prepare(row);

        // When
        Set<StandbyPositions> released = released(row);

        // Then
        Optional<StandbyPositions> expected = synced(decided(row));
        if (expected.isEmpty()) {
            assertThat(released).isEmpty();
            return;
        }
        StandbyPositions ours = expected.get();
        assertThat(released).hasSize(1).allSatisfy(theirs -> {
            assertThat(theirs.flush()).isEqualTo(ours.flush());
            if (ours.write().isValid() || isQuorum(row)) {
                assertThat(theirs.write()).isEqualTo(ours.write());
            }
            if (ours.apply().isValid() || isQuorum(row)) {
                assertThat(theirs.apply()).isEqualTo(ours.apply());
            }
        });
    }

    private static boolean isQuorum(Row row) throws StandbyNamesException {
        return SyncStandbyNames.parse(row.value()).orElseThrow().method() == SyncMethod.QUORUM;
    }

    private static SyncStandbys decided(Row row) throws StandbyNamesException {
        SyncStandbys connected = new SyncStandbys();
        connected.become(SyncStandbyNames.parse(row.value()), STANDBYS);
        for (int i = 0; i < STANDBYS.size(); i++) {
            StandbyPositions positions = row.positions().get(i);
            connected.stands(
                    i,
                    i == SLOW ? ReplicationState.CATCHUP : ReplicationState.STREAMING,
                    positions.write().value(),
                    positions.flush().value(),
                    positions.apply().value());
        }
        return connected;
    }

    private static Optional<StandbyPositions> synced(SyncStandbys connected) {
        List<StandbyPositions> told = new ArrayList<>();
        connected.synced((write, flush, apply) ->
                told.add(new StandbyPositions(new Lsn(write), new Lsn(flush), new Lsn(apply))));
        return told.stream().findFirst();
    }

    /** Has every standby report, and every sender know the value. */
    private void prepare(Row row) throws Exception {
        set("");
        awaitStandings(
                STANDBYS.stream().map(name -> new Shown(name, 0, "async")).toList());
        report(row, false);
        List<String> flushes = row.positions().stream()
                .map(p -> p.flush() + " " + p.write() + " " + p.apply())
                .toList();
        await("the reports have arrived")
                .atMost(PATIENCE)
                .until(() -> ask("SELECT coalesce(flush_lsn, '0/0') || ' ' || coalesce(write_lsn, '0/0') || ' '"
                                + " || coalesce(replay_lsn, '0/0') FROM pg_stat_replication ORDER BY backend_start")
                        .equals(flushes));
        set(row.value());
        List<SyncStanding> expected = decided(row).set().standings();
        List<Shown> shown = new ArrayList<>();
        for (int i = 0; i < STANDBYS.size(); i++) {
            shown.add(new Shown(
                    STANDBYS.get(i),
                    expected.get(i).priority(),
                    expected.get(i).state().title()));
        }
        awaitStandings(shown);
    }

    private void awaitStandings(List<Shown> expected) {
        await().atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .untilAsserted(() -> assertThat(standings()).isEqualTo(expected));
    }

    private List<Shown> standings() throws SQLException {
        List<Shown> shown = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT application_name, sync_priority, sync_state"
                        + " FROM pg_stat_replication ORDER BY backend_start")) {
            while (rows.next()) {
                shown.add(new Shown(rows.getString(1), rows.getInt(2), rows.getString(3)));
            }
        }
        return shown;
    }

    /** What the primary says it releases, once everybody has reported again. */
    private Set<StandbyPositions> released(Row row) throws IOException {
        log.seek(log.length());
        report(row, true);
        // The answer comes before the release, but the answer to the next report comes behind it.
        report(row, true);
        byte[] written = new byte[(int) (log.length() - log.getFilePointer())];
        log.readFully(written);
        Matcher matcher = RELEASED.matcher(new String(written, StandardCharsets.UTF_8));
        Set<StandbyPositions> released = new HashSet<>();
        while (matcher.find()) {
            released.add(new StandbyPositions(
                    Lsn.parse(matcher.group(1)), Lsn.parse(matcher.group(2)), Lsn.parse(matcher.group(3))));
        }
        return released;
    }

    private void report(Row row, boolean awaitAnswer) throws IOException {
        for (int i = 0; i < STANDBYS.size(); i++) {
            StandbyPositions positions = row.positions().get(i);
            boolean reads = awaitAnswer && i != SLOW;
            standbys.get(i).report(positions.write(), positions.flush(), positions.apply(), reads);
            if (reads) {
                standbys.get(i).untilKeepalive();
            }
        }
    }

    private void refuse(String value) {
        // When
        StandbyNamesException ours =
                catchThrowableOfType(StandbyNamesException.class, () -> SyncStandbyNames.parse(value));
        PSQLException theirs = catchThrowableOfType(
                PSQLException.class, () -> execute("ALTER SYSTEM SET synchronous_standby_names = " + literal(value)));

        // Then
        assertThat((Throwable) theirs).as("PostgreSQL refuses it").isNotNull();
        assertThat(ours).as("the relay refuses it").isNotNull();
        ServerErrorMessage message = theirs.getServerErrorMessage();
        assertThat(message).isNotNull();
        assertThat(ours.detail()).isEqualTo(Optional.ofNullable(message.getDetail()));
        assertThat(message.getMessage())
                .isEqualTo(
                        ours.detail().isPresent()
                                ? "invalid value for parameter \"synchronous_standby_names\": \"" + value + "\""
                                : ours.message());
    }

    private RawReplicationClient attach(String name, Lsn start) throws IOException {
        RawReplicationClient standby = RawReplicationClient.connect(primary.port());
        standby.startup(
                        "user",
                        "postgres",
                        "database",
                        "replication",
                        "replication",
                        "true",
                        "application_name",
                        name,
                        "options",
                        "-c log_min_messages=debug3")
                .untilReady();
        return standby.query("START_REPLICATION " + start).untilCopyBoth();
    }

    private void set(String value) throws SQLException {
        execute("ALTER SYSTEM SET synchronous_standby_names = " + literal(value));
        execute("SELECT pg_reload_conf()");
    }

    private static String literal(String value) {
        return "'" + value.replace("'", "''") + "'";
    }

    private Lsn position() throws SQLException {
        return Lsn.parse(ask("SELECT pg_current_wal_flush_lsn()").getFirst());
    }

    private List<String> ask(String sql) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                values.add(rows.getString(1));
            }
        }
        return values;
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
