package io.walrelay.wire.auth;

import io.walrelay.wire.error.PgException;

/** What a server does next in a SASL exchange. */
@SuppressWarnings("ArrayRecordComponent") // protocol data that is sent once and never compared
public sealed interface SaslStep {
    /**
     * Send AuthenticationSASLContinue and wait for the next response.
     *
     * @param challenge possibly empty
     */
    record Continue(byte[] challenge) implements SaslStep {}

    /**
     * The client has proved who it is: send AuthenticationSASLFinal, then AuthenticationOk.
     *
     * @param data the server's proof
     */
    record Finished(byte[] data) implements SaslStep {}

    /**
     * Send this failure and close.
     *
     * @param failure FATAL
     */
    record Failed(PgException failure) implements SaslStep {}
}
