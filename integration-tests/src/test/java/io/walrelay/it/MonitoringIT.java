package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.walrelay.it.support.ClientTools;
import io.walrelay.it.support.Clusters;
import io.walrelay.it.support.ConsoleConnection;
import io.walrelay.it.support.Relays;
import io.walrelay.it.support.Rows;
import io.walrelay.proxy.embedded.FreePort;
import io.walrelay.proxy.embedded.PostgresCluster;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tools for monitoring, as Debian has them, asked of the relay and of a real standby beside it. */
class MonitoringIT {
    private static final int MAJOR = 15;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String EXPORTER = "/usr/bin/prometheus-postgres-exporter";
    private static final String CHECK = "/usr/bin/check_postgres";

    @SuppressWarnings("NullAway.Init") // before each test
    private Clusters clusters;

    @SuppressWarnings("NullAway.Init") // before each test
    private PostgresCluster primary;

    @SuppressWarnings("NullAway.Init") // before each test
    private PostgresCluster standby;

    private int relay;

    @BeforeEach
    void start() throws IOException, SQLException {
        clusters = Clusters.of(MAJOR);
        primary = clusters.primary(Map.of());
        Rows.createTable(primary);
        standby = clusters.standbyOf(primary.port(), Map.of());
        standby.start();
        relay = Relays.inProcess(clusters, primary.conninfo(), Map.of("admin_users", "postgres"))
                .port();
        ConsoleConnection.to(relay).close();
    }

    @AfterEach
    void stop() throws IOException {
        clusters.close();
    }

    private static void require(String program, String debianPackage) {
        assumeTrue(
                Files.isExecutable(Path.of(program)), program + " was not found; on Debian install " + debianPackage);
    }

    @Test
    void theExporterScrapesTheRelayAsItScrapesAStandby() throws Exception {
        // Given
        require(EXPORTER, "prometheus-postgres-exporter");

        // When
        List<String> ofStandby = scrape(standby.port());
        List<String> ofRelay = scrape(relay);

        // Then
        assertThat(ofRelay).contains("pg_up 1", "pg_exporter_last_scrape_error 0");
        assertThat(collectors(ofRelay)).isEqualTo(collectors(ofStandby));
        Set<String> missing = names(ofStandby);
        missing.removeAll(names(ofRelay));
        assertThat(missing).as("metrics that a standby has and the relay lacks").isEmpty();
    }

    private static final List<String> OF_DATA =
            List.of("pg_stat_user_tables", "pg_statio_user_tables", "pg_stat_database_conflicts", "pg_settings_");

    private static List<String> collectors(List<String> metrics) {
        return metrics.stream()
                .filter(line -> line.startsWith("pg_scrape_collector_success"))
                .sorted()
                .toList();
    }

    /**
     * What depends on the data of a database is not asked, as the relay has none: tables, and conflicts of queries with
     * its replay. Nor are settings: it has those that it has a use for.
     */
    private static Set<String> names(List<String> metrics) {
        return metrics.stream()
                .filter(line -> line.startsWith("pg_"))
                .map(line -> line.split("[ {]", 2)[0])
                .filter(name -> OF_DATA.stream().noneMatch(name::startsWith))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private List<String> scrape(int port) throws Exception {
        int web = FreePort.next();
        Path log = clusters.newDirectory("exporter").resolve("log");
        ProcessBuilder builder = new ProcessBuilder(EXPORTER, "--web.listen-address=127.0.0.1:" + web)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment()
                .put("DATA_SOURCE_NAME", "postgresql://postgres@127.0.0.1:" + port + "/postgres?sslmode=disable");
        Process exporter = builder.start();
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + web + "/metrics"))
                    .build();
            // The first scrape makes the connection, the second knows the version.
            List<String> lines = await("the exporter")
                    .atMost(PATIENCE)
                    .ignoreExceptions()
                    .until(
                            () -> client.send(request, HttpResponse.BodyHandlers.ofString())
                                    .body()
                                    .lines()
                                    .toList(),
                            metrics -> metrics.contains("pg_up 1"));
            assertThat(lines).isNotEmpty();
            return client.send(request, HttpResponse.BodyHandlers.ofString())
                    .body()
                    .lines()
                    .toList();
        } finally {
            exporter.destroy();
            exporter.waitFor();
        }
    }

    @Test
    void checkPostgresComesToTheSameResultsAtTheRelayAsAtAStandby() throws Exception {
        // Given
        require(CHECK, "check-postgres");
        ClientTools tools = ClientTools.require(MAJOR);
        List<List<String>> actions = List.of(
                List.of("connection"),
                List.of("backends"),
                List.of("query_time", "--warning=1 minute", "--critical=2 minutes"),
                List.of("txn_idle", "--warning=60", "--critical=120"),
                List.of("replication_slots", "--warning=1GB", "--critical=2GB"),
                List.of(
                        "version",
                        "--critical="
                                + primary.query("SHOW server_version")
                                        .orElseThrow()
                                        .split(" ", 2)[0]),
                List.of(
                        "custom_query",
                        "--query=SELECT 5 AS result",
                        "--warning=10",
                        "--critical=20",
                        "--valtype=integer"),
                List.of("timesync", "--warning=60", "--critical=120"));

        // Then
        List<String> ofRelay = checks(tools, relay, actions);
        assertThat(ofRelay).isEqualTo(checks(tools, standby.port(), actions));
        // 3 is that it could not be checked.
        assertThat(ofRelay).allSatisfy(result -> assertThat(result).matches("[012] POSTGRES_.*"));
        assertThat(check(
                        tools,
                        relay,
                        List.of(
                                "hot_standby_delay",
                                "--dbhost=127.0.0.1",
                                "--dbport=" + primary.port(),
                                "--dbhost2=127.0.0.1",
                                "--dbport2=" + relay,
                                "--warning=100000000",
                                "--critical=200000000")))
                .startsWith("0 POSTGRES_HOT_STANDBY_DELAY OK");
    }

    private List<String> checks(ClientTools tools, int port, List<List<String>> actions) throws Exception {
        List<String> results = new ArrayList<>();
        for (List<String> action : actions) {
            results.add(check(tools, port, action));
        }
        return results;
    }

    /** Exit code, action and result. */
    private String check(ClientTools tools, int port, List<String> action) throws Exception {
        List<String> command = new ArrayList<>(List.of(CHECK, "--action=" + action.getFirst()));
        command.addAll(List.of("--dbuser=postgres", "--dbname=postgres"));
        if (action.stream().noneMatch(option -> option.startsWith("--dbhost="))) {
            command.addAll(List.of("--dbhost=127.0.0.1", "--dbport=" + port));
        }
        command.addAll(action.subList(1, action.size()));
        // There, Perl says that hot_standby_delay found no replay position, as the relay replays nothing.
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment()
                .merge(
                        "PATH",
                        Path.of(tools.path("psql")).resolveSibling("").toString(),
                        (path, ours) -> ours + ":" + path);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String result = output.split(":", 2)[0];
        int code = process.waitFor();
        return code + " " + result + (code == 0 ? "" : " " + output);
    }
}
