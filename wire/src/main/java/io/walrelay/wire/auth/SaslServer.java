package io.walrelay.wire.auth;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of one SASL exchange. It knows neither messages nor channels: the session sends what it is told to.
 * It never throws on what a client sends, and after {@link SaslStep.Finished} or {@link SaslStep.Failed} it takes
 * nothing more.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sasl-authentication.html">SASL Authentication</a>
 */
public sealed interface SaslServer permits ScramServer {
    /**
     * Largest length word of a client's message, PostgreSQL's {@code PG_MAX_SASL_MESSAGE_LENGTH}; the data is shorter
     * by 4 bytes.
     */
    int MAX_MESSAGE = 1024;

    /** The mechanisms to offer, the preferred first. */
    List<String> mechanisms();

    /**
     * Takes the client's choice and its first message.
     *
     * @param mechanism as the client chose it
     * @param data null where the client sent none: it gets an empty challenge
     */
    SaslStep begin(String mechanism, byte @Nullable [] data);

    /** Takes the client's next message. */
    SaslStep respond(byte[] data);
}
