package io.walrelay.wire.auth;

import com.ongres.scram.common.ScramFunctions;
import com.ongres.scram.common.ScramMechanism;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The verifier that an unknown user seems to have. Salt: the first 16 bytes of SHA-256 of user name and secret, so each
 * name has its own and keeps it, and nobody can compute it. No password fits it, and the exchange fails even if one
 * did.
 */
final class MockVerifier {
    private MockVerifier() {}

    static ScramVerifier of(String user, byte[] secret) {
        byte[] name = user.getBytes(StandardCharsets.UTF_8);
        byte[] seed = Arrays.copyOf(name, name.length + secret.length);
        System.arraycopy(secret, 0, seed, name.length, secret.length);
        byte[] hash = ScramFunctions.hash(ScramMechanism.SCRAM_SHA_256, seed);
        return new ScramVerifier(
                ScramVerifier.DEFAULT_ITERATIONS,
                Arrays.copyOf(hash, ScramVerifier.SALT_LENGTH),
                new byte[ScramVerifier.KEY_LENGTH],
                new byte[ScramVerifier.KEY_LENGTH]);
    }
}
