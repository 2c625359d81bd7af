package io.walrelay.wire.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScramVerifierTest {
    /** What PostgreSQL stores for the password, salt and iterations of RFC 7677's example. */
    private static final String RFC7677 = "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
            + "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

    @Test
    void derivesTheKeysOfTheRfcsExample() {
        // Given
        byte[] salt = Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ==");
        // When
        ScramVerifier verifier = ScramVerifier.derive("pencil", salt, 4096);
        // Then
        assertThat(verifier.format()).isEqualTo(RFC7677);
    }

    @Test
    void readsWhatItWrites() {
        // Given
        String text = ScramVerifier.create("secret", new SecureRandom()).format();
        // When
        var verifier = ScramVerifier.parse(text);
        // Then
        assertThat(verifier.map(ScramVerifier::format)).contains(text);
        assertThat(verifier).get().asString().doesNotContain("=" + text.substring(text.length() - 10));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "secret",
                "md5d41d8cd98f00b204e9800998ecf8427e",
                "SCRAM-SHA-256$0:c2FsdA==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
                "SCRAM-SHA-256$9999999999:c2FsdA==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
                "SCRAM-SHA-256$4096:c2FsdA==$c2hvcnQ=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
                "SCRAM-SHA-256$4096:c2Fsd$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
                "SCRAM-SHA-1$4096:c2FsdA==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
            })
    void refusesWhatIsNoVerifier(String text) {
        assertThat(ScramVerifier.parse(text)).isEmpty();
    }

    @Test
    void preparesPasswordsWithSaslprepAndTakesThemRawWhereItRefuses() {
        // Given: a no-break space becomes a space, a soft hyphen vanishes, a tab is prohibited.
        byte[] salt = {1};
        // Then
        assertThat(ScramVerifier.derive("a\u00A0b\u00ADc", salt, 1).format())
                .isEqualTo(ScramVerifier.derive("a bc", salt, 1).format());
        assertThat(ScramVerifier.derive("a\tb", salt, 1).format())
                .isNotEqualTo(ScramVerifier.derive("ab", salt, 1).format());
    }
}
