package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.ConsoleConnection;
import io.walrelay.it.support.RelayTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same file of settings, read again by the relay and by a server. */
class ReloadIT extends RelayTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** One after the other: each leaves behind what the next begins with. */
    private static final List<String> FILES = List.of(
            "wal_sender_timeout = 61s\nidle_session_timeout = 2h\n",
            "wal_sender_timeout = 62000ms\nidle_session_timeout = '40 parsecs'\n",
            "wal_sender_timeout = 63s\nno_such_thing = 1\nidle_session_timeout = 3h\n",
            "wal_sender_timeout = 64s\nidle_session_timeout = 4h\nmax_wal_senders 1 2\n",
            "wal_sender_timeout = much\nwal_sender_timeout = 65s\nmax_replication_slots = 77\n",
            "max_replication_slots = 77\nidle_session_timeout = 90min\n",
            "idle_session_timeout = 5h\nmax_replication_slots = 10\nhot_standby_feedback = maybe\nwal_sender_timeout = 66s\n",
            "= 5\n",
            "idle_session_timeout = 6h\ninclude 'missing.conf'\n",
            "idle_session_timeout = 7h\n");

    /** The relay does not show the value of what it does not know: it may be a misspelt primary_conninfo. */
    private static final String LINES =
            "SELECT sourceline, name, CASE WHEN error LIKE 'unrecognized%' THEN '' ELSE setting"
                    + " END, applied, regexp_replace(error, '/[^\"]*/', '') FROM pg_file_settings";

    private static final List<String> QUESTIONS = List.of(
            "SHOW wal_sender_timeout",
            "SHOW idle_session_timeout",
            "SHOW max_replication_slots",
            "SELECT name, setting, source, sourceline, pending_restart FROM pg_settings"
                    + " WHERE name IN ('wal_sender_timeout', 'idle_session_timeout', 'max_replication_slots') ORDER BY name",
            LINES + " WHERE sourcefile LIKE '%/again.conf' ORDER BY seqno",
            LINES + " WHERE error IS NOT NULL ORDER BY seqno");

    @ParameterizedTest(name = "PostgreSQL {0}")
    @ValueSource(ints = {15, 18})
    void aReloadTakesWhatTheServerTakesAndSaysWhatItSays(int major) throws Exception {
        // Given
        startPrimary(major, Map.of());
        Files.writeString(
                primary.data().resolve("postgresql.conf"), "include 'again.conf'\n", StandardOpenOption.APPEND);
        startRelay(Map.of("admin_users", "postgres"));
        List<Path> files = List.of(
                primary.data().resolve("again.conf"),
                relay.configure("include", "again.conf").file().resolveSibling("again.conf"));

        try (ConsoleConnection server = ConsoleConnection.to(primary.port());
                ConsoleConnection console = ConsoleConnection.to(relay.port())) {
            for (String text : FILES) {
                // When
                for (Path file : files) {
                    Files.writeString(file, text);
                }
                server.ask("SELECT pg_reload_conf()");
                console.ask("SELECT pg_reload_conf()");

                // Then
                await(text)
                        .atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(answers(console, relay.log()))
                                .isEqualTo(answers(server, Files.readString(primary.log()))));
            }
            assertThat(told(relay.log()))
                    .contains("contains errors; unaffected changes were applied")
                    .contains("contains errors; no changes were applied");
            assertThat(console.ask("SHOW idle_session_timeout")).isEqualTo("7h");
        }
    }

    private static String answers(ConsoleConnection connection, String log) throws SQLException {
        StringBuilder answers = new StringBuilder(told(log));
        for (String question : QUESTIONS) {
            answers.append("\n").append(question).append("\n").append(connection.ask(question));
        }
        return answers.toString();
    }

    /** What the log says of the files, without where they are: the relay says the line of a bad value too. */
    private static String told(String log) {
        return log.lines()
                .filter(line -> !line.contains("received SIGHUP"))
                .filter(line ->
                        line.matches(".*(parameter|configuration file|syntax error|configuration directory|HINT: ).*"))
                .map(line -> line.replaceFirst("^.*?(LOG|HINT): +", ""))
                .map(line -> line.startsWith("unrecognized") || line.startsWith("syntax error")
                        ? line
                        : line.replaceFirst(" in file .*", ""))
                .map(line -> line.replaceAll("\"[^\"]*/([a-z]+\\.conf)\"", "$1"))
                .map(line -> line.replaceAll("walrelay.conf|postgresql.conf", "the file"))
                .collect(Collectors.joining("\n"));
    }
}
