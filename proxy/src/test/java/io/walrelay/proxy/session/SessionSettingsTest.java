package io.walrelay.proxy.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walrelay.proxy.cluster.MirroredServer.Parameter;
import io.walrelay.proxy.cluster.MirroredServer.Reported;
import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.wire.error.PgException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SessionSettingsTest {
    private final Configuration configuration = SampleCluster.configuration("wal_sender_timeout=90s");

    private SessionSettings settings(int major, Map<String, String> requested) {
        return new SessionSettings(() -> configuration, SampleCluster.server(major), "standby", requested);
    }

    @Test
    void theSessionSeesItsOwnWishesThenTheRelaysThenTheServers() {
        SessionSettings settings = settings(15, Map.of("STATEMENT_TIMEOUT", "2000"));

        assertThat(settings.show("statement_timeout").setting()).isEqualTo("2000");
        assertThat(settings.show("wal_sender_timeout").setting()).isEqualTo("90s");
        assertThat(settings(15, Map.of()).show("statement_timeout").setting())
                .as("the console's limit is none of a walsender's")
                .isEqualTo("0");
        assertThat(settings.show("datestyle")).isEqualTo(new Parameter("DateStyle", "ISO, MDY", ""));
        assertThat(settings.show("wal_segment_size").setting()).isEqualTo("1MB");
        assertThat(settings.show("transaction_read_only").setting()).isEqualTo("on");
        assertThatThrownBy(() -> settings.show("nope"))
                .isInstanceOfSatisfying(
                        PgException.class,
                        unknown -> assertThat(unknown.sqlState().code()).isEqualTo("42704"))
                .hasMessage("unrecognized configuration parameter \"nope\"");
    }

    @Test
    void whatIsReportedIsTheMirroredServersWithThisSessionsOwn() {
        SessionSettings settings = settings(15, Map.of("application_name", "s1", "client_encoding", "utf-8"));

        assertThat(settings.reported())
                .containsExactly(
                        new Reported("application_name", "s1"),
                        new Reported("client_encoding", "UTF8"),
                        new Reported("DateStyle", "ISO, MDY"),
                        new Reported("in_hot_standby", "on"),
                        new Reported("is_superuser", "off"),
                        new Reported("server_version", "15.3"),
                        new Reported("session_authorization", "standby"));
    }

    @Test
    void whatTheServerReportsButDoesNotListIsShown() {
        SessionSettings settings = settings(15, Map.of());

        assertThat(settings.show("session_authorization").setting()).isEqualTo("standby");
        assertThat(settings.show("is_superuser").setting()).isEqualTo("off");
    }

    @Test
    void anEncodingThatIsNoneIsRefused() {
        assertThatThrownBy(() -> settings(15, Map.of("client_encoding", "KLINGON")))
                .hasMessage("invalid value for parameter \"client_encoding\": \"KLINGON\"");
    }

    @Test
    void theTimeoutIsTheClientsFrom12On() {
        Map<String, String> wish = Map.of("wal_sender_timeout", "3s");

        assertThat(settings(12, wish).walSenderTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(settings(12, Map.of()).walSenderTimeout()).isEqualTo(Duration.ofSeconds(90));
        assertThatThrownBy(() -> settings(11, wish))
                .hasMessage("parameter \"wal_sender_timeout\" cannot be changed now");
    }

    @ParameterizedTest
    @CsvSource({
        "15, application_name, a\u00e9b, a??b",
        "16, application_name, a\u00e9b, a\\xc3\\xa9b",
        "15, DateStyle, iso, 'ISO, MDY'",
        "15, DateStyle, 'ISO, DMY', 'ISO, DMY'",
        "15, client_encoding, unicode, UTF8",
        "15, client_encoding, sql_ascii, SQL_ASCII",
        "15, client_encoding, iso-8859-1, LATIN1",
        "15, client_encoding, windows-1252, WIN1252",
        "15, statement_timeout, 7, 7"
    })
    void valuesAreShownAsTheServerShowsThem(int major, String name, String value, String expected) {
        assertThat(SettingValue.canonical(SampleCluster.server(major), name, value))
                .isEqualTo(expected);
    }

    @Test
    void anApplicationNameIsCutTo63Bytes() {
        assertThat(SettingValue.canonical(SampleCluster.server(15), "application_name", "x".repeat(70)))
                .isEqualTo("x".repeat(63));
    }
}
