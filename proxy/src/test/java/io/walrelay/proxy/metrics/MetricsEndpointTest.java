package io.walrelay.proxy.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walrelay.proxy.console.state.BackendState;
import io.walrelay.proxy.console.state.DiskState;
import io.walrelay.proxy.console.state.ReceiverState;
import io.walrelay.proxy.console.state.SenderState;
import io.walrelay.proxy.console.state.SlotState;
import io.walrelay.proxy.console.state.WalState;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MetricsEndpointTest {
    /** A server of Prometheus asks so. */
    private static final String OPEN_METRICS =
            "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4";

    /** Or so, where it has been told to take native histograms. */
    private static final String PROTOBUF =
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,";

    private static final Pattern SAMPLE = Pattern.compile("([a-z_]+(?:\\{[^}]*})?) (\\S+)");
    private static final Instant TIME = Instant.parse("2024-05-01T10:00:00Z");
    private static final String STANDBY = "{application_name=\"standby1\",client_addr=\"10.0.0.1\",pid=\"101\"}";

    private final HttpClient http = HttpClient.newHttpClient();
    private Figures figures = nothing();

    @SuppressWarnings("NullAway.Init") // before each test
    private MetricsEndpoint endpoint;

    @BeforeEach
    void listen() throws IOException {
        endpoint = MetricsEndpoint.listen("localhost", 0, () -> figures);
    }

    @AfterEach
    void close() {
        endpoint.close();
        http.close();
    }

    @Test
    void aRelayThatKnowsNoClusterYetSaysWhatItKnows() throws Exception {
        assertThat(scrape())
                .containsEntry("walrelay_build_info{version=\"1.2\"}", 1.0)
                .containsEntry("walrelay_start_time_seconds", TIME.getEpochSecond() + 0.0)
                .containsEntry("walrelay_upstream_streaming", 0.0)
                .containsEntry("walrelay_wal_received_bytes_total", 0.0)
                .doesNotContainKey("walrelay_flushed_lsn_bytes")
                .doesNotContainKey("walrelay_sync_degraded");
    }

    @Test
    void positionsAreBytesAndLagsAreCountedFromTheEndOfTheWal() throws Exception {
        // Given
        figures = everything("armed");

        // When / Then
        assertThat(scrape())
                .containsEntry("walrelay_timeline", 2.0)
                .containsEntry("walrelay_written_lsn_bytes", (double) 0x3000100)
                .containsEntry("walrelay_flushed_lsn_bytes", (double) 0x3000060)
                .containsEntry("walrelay_upstream_streaming", 1.0)
                .containsEntry("walrelay_upstream_lsn_bytes", (double) 0x3000200)
                .containsEntry("walrelay_upstream_lag_bytes", (double) 0x100)
                .containsEntry("walrelay_sender_sent_lag_bytes" + STANDBY, 0.0)
                .containsEntry("walrelay_sender_flush_lag_bytes" + STANDBY, (double) 0xA0)
                .containsEntry("walrelay_sender_replay_lag_bytes" + STANDBY, (double) 0x100)
                .doesNotContainKey("walrelay_sender_write_lag_bytes" + STANDBY)
                .containsEntry("walrelay_sender_flush_lag_seconds" + STANDBY, 1.5)
                .containsEntry("walrelay_sender_synchronous" + STANDBY, 1.0)
                .containsEntry("walrelay_slot_retained_bytes{slot_name=\"standby1\"}", (double) 0x1000100)
                .containsEntry("walrelay_slot_wal_status{slot_name=\"standby1\",wal_status=\"extended\"}", 1.0)
                .containsEntry("walrelay_slot_wal_status{slot_name=\"standby1\",wal_status=\"lost\"}", 0.0)
                .containsEntry("walrelay_disk_limit_bytes", 1e9)
                .containsEntry("walrelay_disk_halted", 1.0)
                .containsEntry("walrelay_wal_received_bytes_total", 5000.0)
                .containsEntry("walrelay_wal_sent_bytes_total", 12345.0);
    }

    @Test
    void whetherTheRelayGoesOnAloneIsToldAtEachScrape() throws Exception {
        // Given
        figures = everything("degraded");

        // When / Then
        assertThat(scrape())
                .containsEntry("walrelay_sync_degraded", 1.0)
                .containsEntry("walrelay_sync_overdue", 0.0)
                .containsEntry("walrelay_sync_degradations_total", 3.0)
                .containsEntry("walrelay_sync_confirmed_lsn_bytes", (double) 0x3000000)
                .containsEntry("walrelay_reported_flush_lsn_bytes", (double) 0x3000060)
                .doesNotContainKey("walrelay_reported_apply_lsn_bytes");
        figures = everything("overdue");
        assertThat(scrape()).containsEntry("walrelay_sync_degraded", 0.0).containsEntry("walrelay_sync_overdue", 1.0);
    }

    @Test
    void aServerOfPrometheusGetsOpenMetrics() throws Exception {
        // Given
        figures = everything("armed");

        // When
        HttpResponse<String> answer = get(OPEN_METRICS);

        // Then
        assertThat(answer.headers().firstValue("content-type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/openmetrics-text"));
        assertThat(answer.body())
                .contains("walrelay_wal_sent_bytes_total 12345.0")
                .endsWith("# EOF\n");
    }

    @Test
    void whoAsksForProtobufGetsIt() throws Exception {
        assertThat(get(PROTOBUF + OPEN_METRICS).headers().firstValue("content-type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/vnd.google.protobuf"));
    }

    @Test
    void everyMetricIsDocumented() throws Exception {
        // Given
        figures = everything("armed");
        TreeSet<String> names = new TreeSet<>();
        scrape().keySet().forEach(sample -> names.add(sample.split("\\{", 2)[0]));

        // When
        String page = Files.readString(Path.of("../docs/operations.md"), StandardCharsets.UTF_8);

        // Then
        assertThat(names)
                .hasSizeGreaterThan(25)
                .allSatisfy(name -> assertThat(page).contains("`" + name + "`"));
    }

    @Test
    void aPortThatIsTakenIsToldWithItsAddress() {
        assertThatThrownBy(() -> MetricsEndpoint.listen("localhost", endpoint.port(), () -> figures))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("could not listen for metrics on localhost:" + endpoint.port());
    }

    private Map<String, Double> scrape() throws Exception {
        Map<String, Double> samples = new TreeMap<>();
        for (String line : get("text/plain").body().split("\n", -1)) {
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            Matcher sample = SAMPLE.matcher(line);
            assertThat(sample.matches()).as(line).isTrue();
            assertThat(samples.put(sample.group(1), Double.valueOf(sample.group(2))))
                    .as(line)
                    .isNull();
        }
        return samples;
    }

    private HttpResponse<String> get(String accept) throws Exception {
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(URI.create("http://localhost:" + endpoint.port() + "/metrics"))
                        .header("Accept", accept)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        return answer;
    }

    private static Figures nothing() {
        return new Figures(
                "1.2",
                TIME,
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                0,
                0);
    }

    private static Figures everything(String state) {
        return new Figures(
                "1.2",
                TIME,
                Optional.of(new WalState(
                        "7300000000000000001",
                        16 << 20,
                        2,
                        Lsn.parse("0/1000000"),
                        Lsn.parse("0/3000100"),
                        Lsn.parse("0/3000060"),
                        Optional.empty(),
                        List.of())),
                Optional.of(new ReceiverState(
                        "streaming",
                        Lsn.parse("0/1000000"),
                        1,
                        Lsn.parse("0/3000100"),
                        Lsn.parse("0/3000060"),
                        2,
                        Optional.of(TIME),
                        Optional.of(TIME),
                        Lsn.parse("0/3000200"),
                        Optional.of(TIME),
                        Optional.of("relay"),
                        "primary",
                        5432,
                        "host=primary")),
                List.of(new SenderState(
                        101,
                        "streaming",
                        Optional.of(Lsn.parse("0/3000100")),
                        Optional.empty(),
                        Optional.of(Lsn.parse("0/3000060")),
                        Optional.of(Lsn.parse("0/3000000")),
                        Optional.of(Duration.ofMillis(1)),
                        Optional.of(Duration.ofMillis(1500)),
                        Optional.empty(),
                        1,
                        "quorum",
                        Optional.of(TIME),
                        Optional.empty(),
                        false)),
                List.of(new BackendState(
                        101,
                        "walsender",
                        Optional.of("standby"),
                        Optional.empty(),
                        "standby1",
                        Optional.of("10.0.0.1"),
                        40_101,
                        TIME,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        "active",
                        "START_REPLICATION",
                        Optional.empty())),
                List.of(new SlotState(
                        "standby1",
                        false,
                        101,
                        OptionalLong.empty(),
                        OptionalLong.empty(),
                        Optional.of(Lsn.parse("0/2000000")),
                        Optional.empty(),
                        Optional.of("extended"),
                        OptionalLong.empty(),
                        Optional.empty())),
                Optional.of(new DiskState(500, 1_000_000_000, 700, 300, Optional.of("no room"))),
                Optional.of(new Figures.Synchronous(
                        state, 3, Lsn.parse("0/3000000"), Lsn.parse("0/3000100"), Lsn.parse("0/3000060"), Lsn.INVALID)),
                5000,
                12_345);
    }
}
