package io.walrelay.wire.message;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a client sends after the start-up packet: {@code Byte1 type, Int32 length (itself included), body}. Text is {@link WireText}.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-message-formats.html">Message Formats</a>
 */
public sealed interface FrontendMessage {
    /** {@code 'Q', length, String query}: a simple query or a replication command. */
    record Query(String query) implements FrontendMessage {}

    /** {@code 'X', 4}: the client leaves. */
    record Terminate() implements FrontendMessage {}

    /**
     * {@code 'd', length, Byte[n]}: data of a COPY.
     *
     * @param data owned by the message; who gets the message releases it
     */
    record CopyData(ByteBuf data) implements FrontendMessage, CopyPayload {}

    /** {@code 'c', 4}: the client ends its side of the COPY. */
    record CopyDone() implements FrontendMessage {}

    /** {@code 'f', length, String reason}: the client gives up its side of the COPY. */
    record CopyFail(String reason) implements FrontendMessage {}

    /**
     * {@code 'p', length, Byte[n]}: the answer to an authentication request. The form of the body depends on the request: a password and
     * NUL; a {@link SaslInitialResponse}; SASL data.
     *
     * @param body a secret: it does not show in {@link #toString}
     */
    @SuppressWarnings("ArrayRecordComponent") // a secret that is read once and never compared
    record Password(byte[] body) implements FrontendMessage {
        /** PasswordMessage: clear text, or the md5 response. */
        public static Password of(String password) {
            byte[] text = WireText.encode(password);
            return new Password(Arrays.copyOf(text, text.length + 1));
        }

        /** SASLInitialResponse: {@code String mechanism, Int32 length or -1, Byte[n]}. */
        public static Password saslInitial(String mechanism, byte @Nullable [] data) {
            byte[] name = WireText.encode(mechanism);
            ByteBuffer body = ByteBuffer.allocate(name.length + 1 + 4 + (data == null ? 0 : data.length));
            body.put(name).put((byte) 0).putInt(data == null ? -1 : data.length);
            if (data != null) {
                body.put(data);
            }
            return new Password(body.array());
        }

        /** SASLResponse. */
        public static Password sasl(byte[] data) {
            return new Password(data);
        }

        @Override
        public String toString() {
            return "Password[" + body.length + " bytes]";
        }
    }

    /** {@code 'S', 4}: the end of a batch of extended queries. */
    record Sync() implements FrontendMessage {}

    /**
     * {@code 'H', 4}: asks for what is buffered.
     *
     * @param excess bytes of content, of which there should be none; what follows is then to be passed over up to Sync
     */
    record Flush(int excess) implements FrontendMessage {
        /** As it should be. */
        public Flush() {
            this(0);
        }
    }

    /**
     * A message of the extended query protocol, whose body is dropped: nothing here can serve it.
     *
     * @param type {@code P} Parse, {@code B} Bind, {@code E} Execute, {@code C} Close, {@code D} Describe
     */
    record Extended(byte type) implements FrontendMessage {}

    /** {@code 'F', length, …}: a fast-path function call, whose body is dropped. */
    record FunctionCall() implements FrontendMessage {}

    /**
     * A type byte that the phase does not know. It says nothing of the length of what follows, so nothing after it is read: the session
     * has to end. Which words it ends with depends on the state: {@code invalid frontend message type 63} of an idle session,
     * {@code invalid standby message type "?"} in streaming, {@code expected SASL response, got message type 63} in authentication.
     *
     * @param type the byte; print it unsigned
     */
    record Unknown(byte type) implements FrontendMessage {}
}
