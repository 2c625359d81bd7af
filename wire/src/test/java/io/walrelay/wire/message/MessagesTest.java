package io.walrelay.wire.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.ReferenceCountUtil;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.Severity;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.BackendMessage.NegotiateProtocolVersion;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessagesTest {
    @Test
    void errorFieldsSayWhatAnExceptionSays() {
        // Given
        PgException failure = PgException.error(SqlState.UNDEFINED_OBJECT, "slot missing")
                .withDetail("A detail.")
                .withHint("A hint.");
        // When
        ErrorFields fields = ErrorFields.from(failure);
        PgException back = fields.toException();
        // Then
        assertThat(fields.fields().keySet()).containsExactly('S', 'V', 'C', 'M', 'D', 'H');
        assertThat(back.severity()).isEqualTo(Severity.ERROR);
        assertThat(back.sqlState()).isEqualTo(SqlState.UNDEFINED_OBJECT);
        assertThat(back.message()).isEqualTo("slot missing");
        assertThat(back.detail()).contains("A detail.");
        assertThat(back.hint()).contains("A hint.");
        assertThat(back.asFatal().severity()).isEqualTo(Severity.FATAL);
    }

    @Test
    void errorFieldsAreReadableWhenTheServerIsOldOrOdd() {
        // Given
        ErrorFields old = new ErrorFields(Map.of('S', "FATAL"));
        ErrorFields odd = new ErrorFields(Map.of('S', "FEHLER", 'C', "?"));
        // Then
        assertThat(old.severity()).isEqualTo(Severity.FATAL);
        assertThat(odd.severity()).isEqualTo(Severity.ERROR);
        assertThat(odd.sqlState()).isEqualTo(SqlState.INTERNAL_ERROR);
        assertThat(odd.message()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0000", "000000", "0800p", "08-01"})
    void refusesWhatIsNoSqlState(String code) {
        assertThatThrownBy(() -> SqlState.of(code)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void releasesThePayloadWithTheMessage() {
        // Given
        ByteBuf data = Unpooled.buffer(1);
        // When
        ReferenceCountUtil.release(new BackendMessage.CopyData(data));
        // Then
        assertThat(data.refCnt()).isZero();
    }

    @Test
    void keepsSecretsOutOfText() {
        // Given
        byte[] secret = "secret".getBytes(StandardCharsets.US_ASCII);
        // Then
        assertThat(FrontendMessage.Password.of("secret"))
                .asString()
                .doesNotContain("secret")
                .doesNotContain("[B@");
        assertThat(new BackendMessage.BackendKeyData(1, secret)).asString().isEqualTo("BackendKeyData[pid=1]");
        assertThat(new StartupPacket.CancelRequest(1, secret)).asString().isEqualTo("CancelRequest[pid=1]");
    }

    @Test
    void givesTheTextOfARow() {
        // Given
        BackendMessage.DataRow row = BackendMessage.DataRow.of("0/15D68", null);
        // Then
        assertThat(row.text(0)).isEqualTo("0/15D68");
        assertThat(row.text(1)).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "10, 3, 0, ''",
        "15, 3, 0, ''",
        "15, 3, 2, 3.0",
        "17, 3, 9999, 3.0",
        "18, 3, 0, ''",
        "18, 3, 1, ''",
        "18, 3, 2, ''",
        "18, 3, 3, 3.2",
        "18, 3, 9999, 3.2"
    })
    void negotiatesTheMinorVersion(int server, int major, int minor, String answer) {
        // Given
        SupportedProtocols supported = SupportedProtocols.ofServerMajor(server);
        // When
        var negotiated = supported.negotiate(startup(major, minor), Set.of());
        // Then
        assertThat(negotiated
                        .map(n -> ProtocolVersion.ofCode(n.version()).toString())
                        .orElse(""))
                .isEqualTo(answer);
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 18})
    void tellsWhichOptionsItDoesNotKnow(int server) {
        // When
        var negotiated =
                SupportedProtocols.ofServerMajor(server).negotiate(startup(3, 0, "user", "_pq_.foo"), Set.of());
        // Then
        assertThat(negotiated).contains(new NegotiateProtocolVersion(196608, List.of("_pq_.foo")));
    }

    @ParameterizedTest
    @CsvSource({"10, 2.0, 3.0", "13, 2.0, 3.0", "14, 3.0, 3.0", "17, 3.0, 3.0", "18, 3.0, 3.2"})
    void refusesAnotherMajorVersion(int server, String earliest, String latest) {
        assertThatThrownBy(() -> SupportedProtocols.ofServerMajor(server).negotiate(startup(4, 0), Set.of()))
                .isInstanceOfSatisfying(
                        PgException.class, e -> assertThat(e.sqlState()).isEqualTo(SqlState.FEATURE_NOT_SUPPORTED))
                .hasMessage("unsupported frontend protocol 4.0: server supports " + earliest + " to " + latest);
    }

    @Test
    void refusesASecondSslRequestWithItsCode() {
        assertThat(SupportedProtocols.ofServerMajor(15).unsupported(StartupPacket.SslRequest.CODE))
                .hasMessage("unsupported frontend protocol 1234.5679: server supports 3.0 to 3.0");
    }

    @Test
    void readsASaslInitialResponseWithAndWithoutData() {
        // Given
        byte[] data = {1, 2, 3};
        // When
        SaslInitialResponse with = SaslInitialResponse.parse(
                FrontendMessage.Password.saslInitial("M", data).body());
        SaslInitialResponse without = SaslInitialResponse.parse(
                FrontendMessage.Password.saslInitial("M", null).body());
        // Then
        assertThat(with.mechanism()).isEqualTo("M");
        assertThat(with.data()).containsExactly(1, 2, 3);
        assertThat(without.data()).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "'', invalid string in message",
        "4d, invalid string in message",
        "4d00, insufficient data left in message",
        "4d00000000, insufficient data left in message",
        "4d0000000002ff, insufficient data left in message",
        "4d007fffffffff, insufficient data left in message",
        "4d00fffffffeff, insufficient data left in message",
        "4d00ffffffffff, invalid message format",
        "4d0000000001ffff, invalid message format"
    })
    void refusesAMalformedSaslInitialResponse(String hex, String message) {
        assertThatThrownBy(
                        () -> SaslInitialResponse.parse(java.util.HexFormat.of().parseHex(hex)))
                .isInstanceOf(PgException.class)
                .hasMessage(message);
    }

    private static StartupPacket.StartupMessage startup(int major, int minor, String... names) {
        LinkedHashMap<String, String> parameters = new LinkedHashMap<>();
        for (String name : names) {
            parameters.put(name, "x");
        }
        return new StartupPacket.StartupMessage(major, minor, parameters);
    }
}
