package io.walrelay.wire.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walrelay.wire.error.PgException;
import io.walrelay.wire.message.BackendMessage.AuthenticationCleartextPassword;
import io.walrelay.wire.message.BackendMessage.AuthenticationMd5Password;
import io.walrelay.wire.message.BackendMessage.AuthenticationOk;
import io.walrelay.wire.message.BackendMessage.AuthenticationSasl;
import io.walrelay.wire.message.BackendMessage.AuthenticationSaslContinue;
import io.walrelay.wire.message.BackendMessage.AuthenticationSaslFinal;
import io.walrelay.wire.message.BackendMessage.AuthenticationUnsupported;
import io.walrelay.wire.message.FrontendMessage.Password;
import io.walrelay.wire.message.SaslInitialResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientAuthenticationTest {
    private static final byte[] SECRET = {1, 2, 3};

    @ParameterizedTest
    @ValueSource(strings = {"secret", "pässwörd", "with a\u00A0space", "日本"})
    void convincesAScramServerAndIsConvinced(String password) {
        // Given
        ScramServer server = server(password, 1000, null);
        ClientAuthentication client = new ClientAuthentication("me", password, null);
        // When
        SaslStep last = play(client, server);
        // Then
        byte[] proof = ((SaslStep.Finished) last).data();
        assertThat(client.answer(new AuthenticationSaslFinal(proof))).isEmpty();
        assertThat(client.answer(new AuthenticationOk())).isEmpty();
    }

    @Test
    void bindsToTheChannelWhereBothSidesCan() {
        // Given
        ChannelBinding binding = new ChannelBinding(new byte[32]);
        // When
        SaslStep bound = play(new ClientAuthentication("me", "secret", binding), server("secret", 1, binding));
        SaslStep unbound = play(new ClientAuthentication("me", "secret", null), server("secret", 1, binding));
        SaslStep intercepted = play(
                new ClientAuthentication("me", "secret", new ChannelBinding(new byte[20])),
                server("secret", 1, binding));
        // Then
        assertThat(bound).isInstanceOf(SaslStep.Finished.class);
        assertThat(unbound).isInstanceOf(SaslStep.Finished.class);
        assertThat(((SaslStep.Failed) intercepted).failure()).hasMessage("SCRAM channel binding check failed");
    }

    @Test
    void takesNothingThatIsNotBoundWhereBindingIsRequired() {
        ChannelBinding binding = new ChannelBinding(new byte[32]);
        ClientAuthentication inTheClear = new ClientAuthentication("me", "secret", null, ChannelBindingPolicy.REQUIRE);
        ClientAuthentication encrypted =
                new ClientAuthentication("me", "secret", binding, ChannelBindingPolicy.REQUIRE);

        assertThatThrownBy(() -> inTheClear.answer(new AuthenticationSasl(List.of("SCRAM-SHA-256"))))
                .hasMessage("channel binding required, but SSL not in use");
        assertThatThrownBy(() -> encrypted.answer(new AuthenticationSasl(List.of("SCRAM-SHA-256"))))
                .hasMessageStartingWith("channel binding is required, but server did not offer");
        assertThatThrownBy(() -> encrypted.answer(new AuthenticationOk()))
                .hasMessage("channel binding required, but server authenticated client without channel binding");
        assertThatThrownBy(() -> encrypted.answer(new AuthenticationCleartextPassword()))
                .hasMessage("channel binding required but not supported by server's authentication request");
        SaslStep bound = play(encrypted, server("secret", 1, binding));
        encrypted.answer(new AuthenticationSaslFinal(((SaslStep.Finished) bound).data()));
        assertThat(encrypted.answer(new AuthenticationOk())).isEmpty();
    }

    @Test
    void isRefusedWithAWrongPassword() {
        // When
        SaslStep last = play(new ClientAuthentication("me", "wrong", null), server("secret", 1, null));
        // Then
        assertThat(((SaslStep.Failed) last).failure()).hasMessage("password authentication failed for user \"me\"");
    }

    @Test
    void refusesAServerThatCannotProveItself() {
        // Given
        ClientAuthentication client = new ClientAuthentication("me", "secret", null);
        play(client, server("secret", 1, null));
        // Then
        assertThatThrownBy(() -> client.answer(new AuthenticationSaslFinal(bytes("v=AAAA"))))
                .isInstanceOf(PgException.class)
                .hasMessage("incorrect server signature");
    }

    @Test
    void refusesAServerThatSkipsItsProof() {
        // Given
        ClientAuthentication client = new ClientAuthentication("me", "secret", null);
        play(client, server("secret", 1, null));
        // Then
        assertThatThrownBy(() -> client.answer(new AuthenticationOk())).isInstanceOf(PgException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "r=",
                "r=abc,s=c2FsdA==,i=4096",
                "x",
                "r=N,s=c2FsdA==,i=1",
                "r=Nx,s=c2FsdA==,i=0",
                "r=Nx,s=c2FsdA==,i=-1",
                "r=Nx,s=c2FsdA==,i=2147483647",
                "r=Nx,s=!!,i=1",
                "r=Nx,s=,i=1",
                "r=Nx,i=1,s=c2FsdA=="
            })
    void refusesAMalformedChallenge(String challenge) {
        // Given
        ClientAuthentication client = new ClientAuthentication("me", "secret", null);
        Password first =
                client.answer(new AuthenticationSasl(List.of("SCRAM-SHA-256"))).orElseThrow();
        String sent = new String(first.body(), StandardCharsets.UTF_8);
        String nonce = sent.substring(sent.indexOf(",r=") + 3);
        // Then
        assertThatThrownBy(() ->
                        client.answer(new AuthenticationSaslContinue(bytes(challenge.replace("r=N", "r=" + nonce)))))
                .isInstanceOf(PgException.class)
                .hasMessageStartingWith("malformed SCRAM message");
    }

    @Test
    void refusesMechanismsThatItDoesNotKnow() {
        // Given
        ClientAuthentication client = new ClientAuthentication("me", "secret", null);
        // Then
        assertThatThrownBy(() -> client.answer(new AuthenticationSasl(List.of("SCRAM-SHA-256-PLUS", "OAUTHBEARER"))))
                .hasMessage("none of the server's SASL authentication mechanisms are supported");
        assertThatThrownBy(() -> client.answer(new AuthenticationUnsupported(7)))
                .hasMessage("authentication method 7 not supported");
    }

    @Test
    void answersWithAClearOrHashedPassword() {
        // Given
        ClientAuthentication client = new ClientAuthentication("u", "p", null);
        byte[] salt = {1, 2, 3, 4};
        // When
        Optional<Password> clear = client.answer(new AuthenticationCleartextPassword());
        Optional<Password> hashed = client.answer(new AuthenticationMd5Password(salt));
        // Then
        assertThat(clear.orElseThrow().body()).containsExactly('p', 0);
        assertThat(new String(hashed.orElseThrow().body(), StandardCharsets.US_ASCII))
                .isEqualTo(Md5Password.response(Md5Password.verifier("u", "p"), salt) + "\0")
                .matches("md5[0-9a-f]{32}\0");
    }

    @Test
    void hashesAsPostgresqlStores() {
        assertThat(Md5Password.verifier("postgres", "secret")).isEqualTo("md5" + md5("secretpostgres"));
    }

    @ParameterizedTest
    @NullAndEmptySource
    void saysThatAPasswordIsMissing(@Nullable String password) {
        // Given
        ClientAuthentication client = new ClientAuthentication("me", password, null);
        // Then
        assertThatThrownBy(() -> client.answer(new AuthenticationCleartextPassword()))
                .hasMessage("fe_sendauth: no password supplied");
    }

    /** Up to the server's last step. */
    private static SaslStep play(ClientAuthentication client, ScramServer server) {
        Password first =
                client.answer(new AuthenticationSasl(server.mechanisms())).orElseThrow();
        SaslInitialResponse initial = SaslInitialResponse.parse(first.body());
        SaslStep step = server.begin(initial.mechanism(), initial.data());
        if (!(step instanceof SaslStep.Continue next)) {
            return step;
        }
        return server.respond(client.answer(new AuthenticationSaslContinue(next.challenge()))
                .orElseThrow()
                .body());
    }

    private static ScramServer server(String password, int iterations, @Nullable ChannelBinding binding) {
        ScramVerifier verifier = ScramVerifier.derive(password, new byte[16], iterations);
        return ScramServer.of("me", Optional.of(verifier), SECRET, binding);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String md5(String text) {
        try {
            return java.util.HexFormat.of()
                    .formatHex(java.security.MessageDigest.getInstance("MD5").digest(bytes(text)));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
