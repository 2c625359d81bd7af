package io.walrelay.wire.message;

import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The first {@code 'p'} of a SASL exchange: {@code String mechanism, Int32 length or -1, Byte[n] data}.
 *
 * @param mechanism as the client chose it
 * @param data the client's first message; null where the client sent none and wants to be asked (length -1)
 */
@SuppressWarnings("ArrayRecordComponent") // protocol data that is used once and never compared
public record SaslInitialResponse(String mechanism, byte @Nullable [] data) {
    /**
     * Reads the body of a {@link FrontendMessage.Password}.
     *
     * @throws PgException FATAL 08P01 in the words of PostgreSQL's {@code pqformat.c}
     */
    public static SaslInitialResponse parse(byte[] body) {
        int end = 0;
        while (end < body.length && body[end] != 0) {
            end++;
        }
        if (end == body.length) {
            throw PgException.protocolViolation("invalid string in message");
        }
        ByteBuffer rest = ByteBuffer.wrap(body, end + 1, body.length - end - 1);
        if (rest.remaining() < Integer.BYTES) {
            throw PgException.protocolViolation("insufficient data left in message");
        }
        int length = rest.getInt();
        String mechanism = WireText.decode(body, 0, end);
        if (length == -1) {
            requireEnd(rest.remaining());
            return new SaslInitialResponse(mechanism, null);
        }
        if (length < 0 || length > rest.remaining()) {
            throw PgException.protocolViolation("insufficient data left in message");
        }
        requireEnd(rest.remaining() - length);
        return new SaslInitialResponse(mechanism, Arrays.copyOfRange(body, rest.position(), body.length));
    }

    private static void requireEnd(int left) {
        if (left != 0) {
            throw PgException.fatal(SqlState.PROTOCOL_VIOLATION, "invalid message format");
        }
    }
}
