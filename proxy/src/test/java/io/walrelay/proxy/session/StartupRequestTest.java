package io.walrelay.proxy.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walrelay.proxy.fixture.Client;
import io.walrelay.proxy.session.StartupRequest.Replication;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.message.StartupPacket;
import java.util.LinkedHashMap;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class StartupRequestTest {
    private static StartupRequest request(String... parameters) {
        return StartupRequest.of(Client.startupMessage(parameters), Optional.empty());
    }

    @ParameterizedTest
    @CsvSource({
        "true, PHYSICAL",
        "t, PHYSICAL",
        "TRUE, PHYSICAL",
        "on, PHYSICAL",
        "ON, PHYSICAL",
        "yes, PHYSICAL",
        "y, PHYSICAL",
        "1, PHYSICAL",
        "false, NONE",
        "f, NONE",
        "off, NONE",
        "of, NONE",
        "n, NONE",
        "0, NONE",
        "database, DATABASE"
    })
    void replicationIsReadAsABooleanOrDatabase(String value, Replication expected) {
        assertThat(request("replication", value).replication()).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"o", "2", "", "DATABASE", "databas", " true", "true ", "trueish"})
    void anyOtherValueOfReplicationIsRefused(String value) {
        assertThatThrownBy(() -> request("replication", value)).isInstanceOfSatisfying(PgException.class, refused -> {
            assertThat(refused.sqlState().code()).isEqualTo("22023");
            assertThat(refused.message()).isEqualTo("invalid value for parameter \"replication\": \"" + value + "\"");
            assertThat(refused.hint()).contains("Valid values are: \"false\", 0, \"true\", 1, \"database\".");
        });
    }

    @Test
    void theDatabaseIsTheUserWhereNoneIsGiven() {
        assertThat(request().database()).isEqualTo("standby");
        assertThat(request("database", "").database()).isEqualTo("standby");
        assertThat(request("database", "x").database()).isEqualTo("x");
    }

    @Test
    void theRestAreSettingsAndThoseOfOptionsAreOverruled() {
        StartupRequest request = request(
                "options",
                "-c datestyle=iso -c a.b=1",
                "datestyle",
                "german",
                "_pq_.new",
                "x",
                "application_name",
                "n");

        assertThat(request.settings())
                .containsOnlyKeys("datestyle", "a.b", "application_name")
                .containsEntry("datestyle", "german");
        assertThat(request.applicationName()).isEqualTo("n");
    }

    @Test
    void cancelKeysAreLongFromProtocol32On() {
        StartupPacket.StartupMessage three = Client.startupMessage();
        StartupRequest newer = StartupRequest.of(
                new StartupPacket.StartupMessage(3, 2, new LinkedHashMap<>(three.parameters())), Optional.empty());

        assertThat(StartupRequest.of(three, Optional.empty()).keyLength(18)).isEqualTo(4);
        assertThat(newer.keyLength(18)).isEqualTo(32);
        assertThat(newer.keyLength(17)).isEqualTo(4);
    }
}
