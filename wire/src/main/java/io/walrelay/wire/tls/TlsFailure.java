package io.walrelay.wire.tls;

import io.netty.handler.ssl.NotSslRecordException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLException;

/**
 * Why TLS was not established, or has ended, in the words of OpenSSL, which PostgreSQL and libpq repeat.
 *
 * @param words the reason
 * @param certificate what was wrong with the peer's certificate, if that is it
 */
public record TlsFailure(String words, Optional<String> certificate) {
    private static final String EOF = "EOF detected";
    private static final String RESET = "Connection reset by peer";
    private static final String ALERT = "Received fatal alert: ";

    /** Those of the reasons that PostgreSQL knows to come of versions that do not meet. */
    private static final Set<String> OF_VERSIONS = Set.of(
            "no protocols available",
            "unsupported protocol",
            "bad protocol version number",
            "unknown protocol",
            "unknown ssl version",
            "unsupported ssl version",
            "wrong ssl version",
            "wrong version number",
            "tlsv1 alert protocol version",
            "version too low");

    /** What a handshake, or a read, has failed with. */
    public static TlsFailure of(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof CertificateException refused) {
                return new TlsFailure("certificate verify failed", Optional.of(String.valueOf(refused.getMessage())));
            }
        }
        Throwable cause = failure;
        while (!(cause instanceof SSLException) && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return new TlsFailure(words(cause), Optional.empty());
    }

    /** Whether the two sides may have no version in common. */
    public boolean mayBeTheVersion() {
        return OF_VERSIONS.contains(words);
    }

    /** Whether it is the connection that has failed, rather than TLS. */
    public boolean isOfTheSystem() {
        return words.equals(EOF) || words.equals(RESET);
    }

    private static String words(Throwable cause) {
        if (cause instanceof ClosedChannelException) {
            return EOF;
        }
        String message = String.valueOf(cause.getMessage());
        if (cause instanceof NotSslRecordException) {
            return "wrong version number";
        }
        if (message.startsWith("Connection closed while SSL/TLS handshake")) {
            return EOF;
        }
        int library = message.lastIndexOf("OPENSSL_internal:");
        if (library >= 0) {
            return message.substring(library + "OPENSSL_internal:".length())
                    .toLowerCase(Locale.ROOT)
                    .replace('_', ' ');
        }
        if (message.contains(ALERT)) {
            String alert = message.substring(message.indexOf(ALERT) + ALERT.length());
            return "tlsv1 alert " + alert.replace("(", "").replace(")", "").replace('_', ' ');
        }
        if (cause instanceof IOException && !(cause instanceof SSLException) && message.contains("reset by peer")) {
            return RESET;
        }
        return message;
    }
}
