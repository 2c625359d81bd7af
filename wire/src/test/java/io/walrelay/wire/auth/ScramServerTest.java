package io.walrelay.wire.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.ongres.scram.common.ScramFunctions;
import com.ongres.scram.common.ScramMechanism;
import com.ongres.scram.common.StringPreparation;
import io.walrelay.wire.error.PgException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScramServerTest {
    private static final String SHA_256 = ScramServer.SCRAM_SHA_256;
    private static final byte[] SECRET = "cluster secret".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SALT = Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ==");
    private static final ScramVerifier PENCIL = ScramVerifier.derive("pencil", SALT, 4096);
    private static final String CLIENT_NONCE = "rOprNGfwEbeRWgbNEkqO";
    private static final String SERVER_NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private static final String NONCE = CLIENT_NONCE + SERVER_NONCE;
    private static final ChannelBinding BINDING = new ChannelBinding(new byte[] {1, 2, 3});

    @Test
    void playsTheExampleOfRfc7677() {
        // Given
        ScramServer server = server(null);
        // When
        SaslStep first = server.begin(SHA_256, bytes("n,,n=user,r=" + CLIENT_NONCE));
        SaslStep last = server.respond(bytes("c=biws,r=" + NONCE + ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="));
        // Then
        assertThat(challenge(first)).isEqualTo("r=" + NONCE + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
        assertThat(last)
                .isInstanceOfSatisfying(
                        SaslStep.Finished.class,
                        finished -> assertThat(text(finished.data()))
                                .isEqualTo("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
    }

    @Test
    void checksTheProofOfTheBytesWhenTheNameInTheMessageIsNotUtf8() {
        // Given
        ScramServer server = server(null);
        String bare = "n=\u00ff,r=" + CLIENT_NONCE;
        String serverFirst = challenge(server.begin(SHA_256, ("n,," + bare).getBytes(StandardCharsets.ISO_8859_1)));
        String withoutProof = "c=biws,r=" + NONCE;
        byte[] signed = (bare + "," + serverFirst + "," + withoutProof).getBytes(StandardCharsets.ISO_8859_1);
        // When
        SaslStep last = server.respond(bytes(withoutProof + ",p=" + base64(proof("pencil", signed))));
        // Then
        assertThat(last).isInstanceOf(SaslStep.Finished.class);
    }

    private static byte[] proof(String password, byte[] signed) {
        ScramMechanism sha256 = ScramMechanism.SCRAM_SHA_256;
        byte[] salted = ScramFunctions.saltedPassword(
                sha256, StringPreparation.NO_PREPARATION, password.toCharArray(), SALT, 4096);
        byte[] clientKey = ScramFunctions.clientKey(sha256, salted);
        byte[] signature = ScramFunctions.hmac(sha256, ScramFunctions.storedKey(sha256, clientKey), signed);
        return ScramFunctions.clientProof(clientKey, signature);
    }

    @Test
    void asksWithAnEmptyChallengeWhenTheClientSentNoData() {
        // Given
        ScramServer server = server(null);
        // When
        SaslStep begun = server.begin(SHA_256, null);
        SaslStep first = server.respond(bytes("n,,n=,r=" + CLIENT_NONCE));
        // Then
        assertThat(challenge(begun)).isEmpty();
        assertThat(challenge(first)).startsWith("r=" + NONCE);
    }

    @Test
    void failsAWrongPasswordWithTheUsersName() {
        // Given
        ScramServer server = server(null);
        server.begin(SHA_256, bytes("n,,n=,r=" + CLIENT_NONCE));
        // When
        SaslStep last = server.respond(bytes("c=biws,r=" + NONCE + ",p=" + base64(new byte[32])));
        // Then
        assertFailed(last, "28P01", "password authentication failed for user \"me\"", null);
    }

    @Test
    void showsAnUnknownUserASaltThatStaysTheSame() {
        // When
        String once = saltOf(ScramServer.of("nobody", Optional.empty(), SECRET, null));
        String again = saltOf(ScramServer.of("nobody", Optional.empty(), SECRET, null));
        String other = saltOf(ScramServer.of("somebody", Optional.empty(), SECRET, null));
        String elsewhere = saltOf(ScramServer.of("nobody", Optional.empty(), new byte[] {1}, null));
        // Then
        assertThat(again).isEqualTo(once);
        assertThat(other).isNotEqualTo(once);
        assertThat(elsewhere).isNotEqualTo(once);
        assertThat(Base64.getDecoder().decode(once)).hasSize(16);
    }

    @Test
    void failsAnUnknownUserLikeAWrongPassword() {
        // Given
        ScramServer server = ScramServer.of("nobody", Optional.empty(), SECRET, null, SERVER_NONCE);
        server.begin(SHA_256, bytes("n,,n=,r=" + CLIENT_NONCE));
        // When
        SaslStep last = server.respond(bytes("c=biws,r=" + NONCE + ",p=" + base64(new byte[32])));
        // Then
        assertFailed(last, "28P01", "password authentication failed for user \"nobody\"", null);
    }

    @Test
    void makesANonceOfEighteenRandomBytes() {
        // Given
        ScramServer server = ScramServer.of("me", Optional.of(PENCIL), SECRET, null);
        // When
        String first = challenge(server.begin(SHA_256, bytes("n,,n=,r=abc")));
        // Then
        assertThat(first).matches("r=abc[A-Za-z0-9+/]{24},s=.*,i=4096");
    }

    @ParameterizedTest
    @ValueSource(strings = {"SCRAM-SHA-256-PLUS", "SCRAM-SHA-1", "", "scram-sha-256"})
    void refusesAMechanismThatWasNotOffered(String mechanism) {
        // When
        SaslStep begun = server(null).begin(mechanism, bytes("n,,n=,r=abc"));
        // Then
        assertFailed(begun, "08P01", "client selected an invalid SASL authentication mechanism", null);
    }

    @ParameterizedTest
    @ValueSource(strings = {"n,,n=,r=abc", "y,,n=,r=abc", "n,,n=*,r=abc", "n,,n=u,r=abc,x=later,Y="})
    void takesThisFirstMessage(String message) {
        assertThat(server(null).begin(SHA_256, bytes(message))).isInstanceOf(SaslStep.Continue.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', nullValues = "-", textBlock = """
            ``                   | 08P01 | malformed SCRAM message | The message is empty.
            x                    | 08P01 | malformed SCRAM message | Unexpected channel-binding flag "'x'".
            n                    | 08P01 | malformed SCRAM message | Comma expected, but found character "0x00".
            nn                   | 08P01 | malformed SCRAM message | Comma expected, but found character "'n'".
            n,a=x,n=,r=abc       | 0A000 | client uses authorization identity, but it is not supported | -
            n,x,n=,r=abc         | 08P01 | malformed SCRAM message | Unexpected attribute "'x'" in client-first-message.
            n,,m=x,n=,r=abc      | 0A000 | client requires an unsupported SCRAM extension | -
            n,,                  | 08P01 | malformed SCRAM message | Expected attribute "n" but found "0x00".
            n,,r=abc             | 08P01 | malformed SCRAM message | Expected attribute "n" but found "'r'".
            n,,n                 | 08P01 | malformed SCRAM message | Expected character "=" for attribute "n".
            n,,n=x               | 08P01 | malformed SCRAM message | Expected attribute "r" but found "0x00".
            n,,n=,r=a\u0007c     | 08P01 | non-printable characters in SCRAM nonce | -
            n,,n=,r=abc,1=x      | 08P01 | malformed SCRAM message | Attribute expected, but found invalid character "'1'".
            p=tls-unique,,n=,r=x | 08P01 | malformed SCRAM message | The client selected SCRAM-SHA-256 without channel binding, but the SCRAM message includes channel binding data.
            """)
    void refusesThisFirstMessage(String message, String sqlState, String words, @Nullable String detail) {
        // When
        SaslStep begun = server(null).begin(SHA_256, bytes(message.replace("\\u0007", "\u0007")));
        // Then
        assertFailed(begun, sqlState, words, detail);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', nullValues = "-", textBlock = """
            r=abc                  | 08P01 | malformed SCRAM message | Expected attribute "c" but found "'r'".
            c=biws                 | 08P01 | malformed SCRAM message | Expected attribute "r" but found "0x00".
            c=biws,r=N             | 08P01 | malformed SCRAM message | Attribute expected, but found end of string.
            c=biws,r=N,p=          | 08P01 | malformed SCRAM message | Malformed proof in client-final-message.
            c=biws,r=N,p=!         | 08P01 | malformed SCRAM message | Malformed proof in client-final-message.
            c=biws,r=N,p=AAAA      | 08P01 | malformed SCRAM message | Malformed proof in client-final-message.
            c=biws,r=N,p=P,x=y     | 08P01 | malformed SCRAM message | Garbage found at the end of client-final-message.
            c=biws,r=N,p=P,        | 28P01 | password authentication failed for user "me" | -
            c=eSws,r=N,p=P         | 08P01 | unexpected SCRAM channel-binding attribute in client-final-message | -
            c=biws,r=abc,p=P       | 08P01 | invalid SCRAM response | Nonce does not match.
            c=biws,r=N,x=y,p=P     | 28P01 | password authentication failed for user "me" | -
            """)
    void refusesThisFinalMessage(String message, String sqlState, String words, @Nullable String detail) {
        // Given
        ScramServer server = server(null);
        server.begin(SHA_256, bytes("n,,n=,r=" + CLIENT_NONCE));
        String proof = base64(new byte[32]);
        // When
        SaslStep last =
                server.respond(bytes(message.replace("r=N", "r=" + NONCE).replace("p=P", "p=" + proof)));
        // Then
        assertFailed(last, sqlState, words, detail);
    }

    @Test
    void detectsADowngradeWhenChannelBindingWasOffered() {
        // When
        SaslStep begun = server(BINDING).begin(SHA_256, bytes("y,,n=,r=abc"));
        // Then
        assertThat(begun)
                .isInstanceOfSatisfying(
                        SaslStep.Failed.class,
                        failed -> assertThat(failed.failure()).hasMessage("SCRAM channel binding negotiation error"));
    }

    @Test
    void refusesOtherChannelBindingTypesAndData() {
        // Given
        ScramServer server = server(BINDING);
        server.begin(ScramServer.SCRAM_SHA_256_PLUS, bytes("p=tls-server-end-point,,n=,r=" + CLIENT_NONCE));
        // When
        SaslStep unique = server(BINDING).begin(ScramServer.SCRAM_SHA_256_PLUS, bytes("p=tls-unique,,n=,r=abc"));
        SaslStep otherData = server.respond(bytes("c=biws,r=" + NONCE + ",p=" + base64(new byte[32])));
        // Then
        assertFailed(unique, "08P01", "unsupported SCRAM channel-binding type \"tls-unique\"", null);
        assertFailed(otherData, "28000", "SCRAM channel binding check failed", null);
    }

    @Test
    void refusesALongMessage() {
        // When
        SaslStep begun = server(null).begin(SHA_256, bytes("n,,n=,r=" + "a".repeat(1013)));
        // Then
        assertFailed(begun, "28P01", "password authentication failed for user \"me\"", null);
    }

    @Test
    void neverThrowsOnWhatAClientSends() {
        Random random = new Random(7);
        String alphabet = "nyp,,==rcamx\0é biws";
        for (int round = 0; round < 20_000; round++) {
            // Given
            StringBuilder message = new StringBuilder(random.nextBoolean() ? "n,,n=,r=" : "c=biws,r=");
            for (int i = random.nextInt(30); i > 0; i--) {
                message.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            ScramServer server = server(random.nextBoolean() ? BINDING : null);
            // When
            SaslStep step = server.begin(SHA_256, bytes(message.toString()));
            if (step instanceof SaslStep.Continue) {
                step = server.respond(bytes(message.substring(0, random.nextInt(message.length()))));
            }
            // Then
            assertThat(step).as("round %s", round).isNotInstanceOf(SaslStep.Finished.class);
        }
    }

    private static ScramServer server(@Nullable ChannelBinding binding) {
        return ScramServer.of("me", Optional.of(PENCIL), SECRET, binding, SERVER_NONCE);
    }

    private static String saltOf(ScramServer server) {
        String first = challenge(server.begin(SHA_256, bytes("n,,n=,r=abc")));
        return first.substring(first.indexOf(",s=") + 3, first.indexOf(",i="));
    }

    private static String challenge(SaslStep step) {
        assertThat(step).isInstanceOf(SaslStep.Continue.class);
        return text(((SaslStep.Continue) step).challenge());
    }

    private static void assertFailed(SaslStep step, String sqlState, String words, @Nullable String detail) {
        assertThat(step).isInstanceOf(SaslStep.Failed.class);
        PgException failure = ((SaslStep.Failed) step).failure();
        assertThat(failure).hasMessage(words);
        assertThat(failure.sqlState().code()).isEqualTo(sqlState);
        assertThat(failure.detail().orElse(null)).isEqualTo(detail);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
