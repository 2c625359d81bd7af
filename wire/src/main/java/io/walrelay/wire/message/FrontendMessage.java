package io.walrelay.wire.message;

import io.netty.buffer.ByteBuf;
import io.walrelay.wire.error.PgException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a client sends after the start-up packet: {@code Byte1 type, Int32 length (itself included), body}. Text is
 * {@link WireText}.
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
     * {@code 'p', length, Byte[n]}: the answer to an authentication request. The form of the body depends on the
     * request: a password and NUL; a {@link SaslInitialResponse}; SASL data.
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
     * A message of the extended query protocol. After one that fails, the rest up to {@link Sync} is passed over.
     *
     * @see <a href="https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY">Extended
     *     Query</a>
     */
    sealed interface Extended extends FrontendMessage {
        /** The type byte: {@code P} Parse, {@code B} Bind, {@code D} Describe, {@code E} Execute, {@code C} Close. */
        byte type();

        /** One whose body was dropped: the session cannot serve it. */
        record Unread(byte type) implements Extended {}

        /** One whose body is not what it should be: {@code problem} is the ERROR that PostgreSQL answers. */
        record Malformed(byte type, PgException problem) implements Extended {}

        /**
         * {@code 'P', length, String name, String query, Int16 n, {Int32 type}*}: makes a statement ready.
         *
         * @param name of the statement, empty for the unnamed one
         * @param parameterTypes OIDs, 0 for those that are to be inferred; may be fewer than there are parameters
         */
        record Parse(String name, String query, List<Integer> parameterTypes) implements Extended {
            /** Copies the list. */
            public Parse {
                parameterTypes = List.copyOf(parameterTypes);
            }

            @Override
            public byte type() {
                return 'P';
            }
        }

        /**
         * {@code 'B', length, String portal, String statement, Int16 n, {Int16 format}*, Int16 n, {Int32 length or -1,
         * Byte[n] value}*, Int16 n, {Int16 format}*}: gives a statement its parameters.
         *
         * @param portal that it becomes, empty for the unnamed one
         * @param parameterFormats none for all in text, one for all alike, or one for each
         * @param parameters null for NULL
         * @param resultFormats as {@code parameterFormats}
         */
        record Bind(
                String portal,
                String statement,
                List<Short> parameterFormats,
                List<byte @Nullable []> parameters,
                List<Short> resultFormats)
                implements Extended {
            /** Copies the lists of formats. */
            public Bind {
                parameterFormats = List.copyOf(parameterFormats);
                resultFormats = List.copyOf(resultFormats);
            }

            @Override
            public byte type() {
                return 'B';
            }
        }

        /**
         * {@code 'D', length, Byte1 kind, String name}: asks for the types of parameters and of the result.
         *
         * @param kind {@code S} of a statement, {@code P} of a portal; not checked
         */
        record Describe(byte kind, String name) implements Extended {
            @Override
            public byte type() {
                return 'D';
            }
        }

        /**
         * {@code 'E', length, String portal, Int32 rows}: runs a portal, or goes on with it.
         *
         * @param maxRows after which it is suspended; 0 or less for all
         */
        record Execute(String portal, int maxRows) implements Extended {
            @Override
            public byte type() {
                return 'E';
            }
        }

        /**
         * {@code 'C', length, Byte1 kind, String name}: forgets a statement or a portal; one that is not there is no
         * error.
         *
         * @param kind as of {@link Describe}
         */
        record Close(byte kind, String name) implements Extended {
            @Override
            public byte type() {
                return 'C';
            }
        }
    }

    /** {@code 'F', length, …}: a fast-path function call, whose body is dropped. */
    record FunctionCall() implements FrontendMessage {}

    /**
     * A type byte that the phase does not know. It says nothing of the length of what follows, so nothing after it is
     * read: the session has to end. Which words it ends with depends on the state: {@code invalid frontend message type
     * 63} of an idle session, {@code invalid standby message type "?"} in streaming, {@code expected SASL response, got
     * message type 63} in authentication.
     *
     * @param type the byte; print it unsigned
     */
    record Unknown(byte type) implements FrontendMessage {}
}
