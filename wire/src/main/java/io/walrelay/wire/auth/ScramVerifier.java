package io.walrelay.wire.auth;

import com.ongres.scram.common.ScramFunctions;
import com.ongres.scram.common.ScramMechanism;
import com.ongres.scram.common.StringPreparation;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a server keeps instead of a password, in the text form of {@code pg_authid.rolpassword}:
 * {@code SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey}, the last three in base64.
 *
 * @param iterations of PBKDF2, at least 1
 * @param salt not empty
 * @param storedKey SHA-256 of the client key, 32 bytes
 * @param serverKey 32 bytes
 */
@SuppressWarnings("ArrayRecordComponent") // secrets, which are compared in constant time or not at all
public record ScramVerifier(int iterations, byte[] salt, byte[] storedKey, byte[] serverKey) {
    /** PostgreSQL's default of {@code scram_iterations}. */
    public static final int DEFAULT_ITERATIONS = 4096;

    /** Bytes of salt that PostgreSQL makes. */
    static final int SALT_LENGTH = 16;

    /** Bytes of a key: those of SHA-256. */
    static final int KEY_LENGTH = 32;

    private static final String BASE64 = "([A-Za-z0-9+/]{1,1024}={0,2})";
    private static final Pattern FORM =
            Pattern.compile("SCRAM-SHA-256\\$([0-9]{1,10}):" + BASE64 + "\\$" + BASE64 + ":" + BASE64);

    /** Checks the lengths. */
    public ScramVerifier {
        if (iterations < 1 || salt.length == 0 || storedKey.length != KEY_LENGTH || serverKey.length != KEY_LENGTH) {
            throw new IllegalArgumentException("invalid SCRAM verifier");
        }
    }

    /** Reads the text form; empty if it is none. */
    public static Optional<ScramVerifier> parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            return Optional.empty();
        }
        Base64.Decoder base64 = Base64.getDecoder();
        try {
            return Optional.of(new ScramVerifier(
                    Integer.parseInt(form.group(1)),
                    base64.decode(form.group(2)),
                    base64.decode(form.group(3)),
                    base64.decode(form.group(4))));
        } catch (IllegalArgumentException notBase64OrOutOfRange) {
            return Optional.empty();
        }
    }

    /** A new verifier of this password, with a random salt and the default number of iterations. */
    public static ScramVerifier create(String password, SecureRandom random) {
        return derive(password, ScramFunctions.salt(SALT_LENGTH, random), DEFAULT_ITERATIONS);
    }

    /**
     * The verifier of this password. It takes milliseconds per thousand iterations.
     *
     * @param password not empty; prepared with SASLprep, or taken as it is where that refuses it, as PostgreSQL does
     */
    public static ScramVerifier derive(String password, byte[] salt, int iterations) {
        ScramMechanism sha256 = ScramMechanism.SCRAM_SHA_256;
        byte[] salted = ScramFunctions.saltedPassword(
                sha256, StringPreparation.POSTGRESQL_PREPARATION, password.toCharArray(), salt, iterations);
        return new ScramVerifier(
                iterations,
                salt,
                ScramFunctions.storedKey(sha256, ScramFunctions.clientKey(sha256, salted)),
                ScramFunctions.serverKey(sha256, salted));
    }

    /** The text form. */
    public String format() {
        Base64.Encoder base64 = Base64.getEncoder();
        return "SCRAM-SHA-256$" + iterations + ":" + base64.encodeToString(salt) + "$"
                + base64.encodeToString(storedKey) + ":" + base64.encodeToString(serverKey);
    }

    /** Keeps the keys out of logs. */
    @Override
    public String toString() {
        return "ScramVerifier[iterations=" + iterations + "]";
    }
}
