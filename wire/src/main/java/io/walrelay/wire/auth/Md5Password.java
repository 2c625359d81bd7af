package io.walrelay.wire.auth;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * PostgreSQL's md5 authentication: {@code "md5" + hex(md5(hex(md5(password + user)) + salt))}. Deprecated since
 * PostgreSQL 18; here for upstreams that still ask for it.
 *
 * @see <a href="https://www.postgresql.org/docs/current/auth-password.html">Password Authentication</a>
 */
public final class Md5Password {
    private static final String PREFIX = "md5";

    private Md5Password() {}

    /** What a client answers to AuthenticationMD5Password. */
    public static String response(String user, String password, byte[] salt) {
        return response(verifier(user, password), salt);
    }

    /** What the answer must be, from the stored form. */
    public static String response(String verifier, byte[] salt) {
        return PREFIX + md5(verifier.substring(PREFIX.length()).getBytes(StandardCharsets.US_ASCII), salt);
    }

    /** The stored form, as in {@code pg_authid.rolpassword}. */
    public static String verifier(String user, String password) {
        return PREFIX + md5(password.getBytes(StandardCharsets.UTF_8), user.getBytes(StandardCharsets.UTF_8));
    }

    private static String md5(byte[] text, byte[] salt) {
        ByteArrayOutputStream input = new ByteArrayOutputStream();
        input.writeBytes(text);
        input.writeBytes(salt);
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(input.toByteArray()));
        } catch (NoSuchAlgorithmException e) {
            // A JVM in FIPS mode has none.
            throw new IllegalStateException("could not compute MD5 hash", e);
        }
    }
}
