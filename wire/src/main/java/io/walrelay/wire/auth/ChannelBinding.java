package io.walrelay.wire.auth;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Binds an authentication to the TLS connection under it, so that nobody in the middle can pass it on: type
 * {@code tls-server-end-point} of <a href="https://www.rfc-editor.org/rfc/rfc5929">RFC 5929</a>.
 *
 * @param certificateHash of the server's certificate, with the hash of its signature algorithm (SHA-256 for MD5 and
 *     SHA-1)
 */
@SuppressWarnings("ArrayRecordComponent") // not compared
public record ChannelBinding(byte[] certificateHash) {
    /** The only type that PostgreSQL knows. */
    public static final String TYPE = "tls-server-end-point";

    /** What a client says in attribute {@code c}: base64 of the GS2 header and the hash. */
    String attribute() {
        byte[] header = ("p=" + TYPE + ",,").getBytes(StandardCharsets.US_ASCII);
        byte[] input = new byte[header.length + certificateHash.length];
        System.arraycopy(header, 0, input, 0, header.length);
        System.arraycopy(certificateHash, 0, input, header.length, certificateHash.length);
        return Base64.getEncoder().encodeToString(input);
    }
}
