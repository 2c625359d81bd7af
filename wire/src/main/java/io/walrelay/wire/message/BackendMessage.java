package io.walrelay.wire.message;

import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a server sends: {@code Byte1 type, Int32 length (itself included), body}. Text is {@link WireText}.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-message-formats.html">Message Formats</a>
 */
public sealed interface BackendMessage {
    /** {@code 'R', length, Int32 kind, …}: what a server says in authentication. */
    sealed interface Authentication extends BackendMessage {}

    /** {@code 'R', 8, Int32 0}: authenticated. */
    record AuthenticationOk() implements Authentication {}

    /** {@code 'R', 8, Int32 3}: wants the password as it is. */
    record AuthenticationCleartextPassword() implements Authentication {}

    /**
     * {@code 'R', 12, Int32 5, Byte4 salt}: wants the password md5-hashed with the salt.
     *
     * @param salt 4 bytes
     */
    @SuppressWarnings("ArrayRecordComponent") // protocol data that is used once and never compared
    record AuthenticationMd5Password(byte[] salt) implements Authentication {}

    /** {@code 'R', length, Int32 10, {String mechanism}*, NUL}: wants SASL, with one of these, the preferred first. */
    record AuthenticationSasl(List<String> mechanisms) implements Authentication {
        /** Copies the list. */
        public AuthenticationSasl {
            mechanisms = List.copyOf(mechanisms);
        }
    }

    /**
     * {@code 'R', length, Int32 11, Byte[n]}: a challenge of the mechanism, empty after an initial response without
     * data.
     */
    @SuppressWarnings("ArrayRecordComponent") // protocol data that is used once and never compared
    record AuthenticationSaslContinue(byte[] data) implements Authentication {}

    /** {@code 'R', length, Int32 12, Byte[n]}: the mechanism's last word. */
    @SuppressWarnings("ArrayRecordComponent") // protocol data that is used once and never compared
    record AuthenticationSaslFinal(byte[] data) implements Authentication {}

    /**
     * {@code 'R', length, Int32 kind, …}: an authentication request that this program does not speak (GSSAPI 7 and 8,
     * SSPI 9, and the extinct Kerberos 2, crypt 4 and SCM 6).
     */
    record AuthenticationUnsupported(int kind) implements Authentication {}

    /**
     * {@code 'v', length, Int32 version, Int32 n, {String option}*}: the version is lowered, or options are not known.
     *
     * @param version the newest that the server supports, as {@link ProtocolVersion#code()}
     * @param options the {@code _pq_.} options that the server does not know
     */
    record NegotiateProtocolVersion(int version, List<String> options) implements BackendMessage {
        /** Copies the list. */
        public NegotiateProtocolVersion {
            options = List.copyOf(options);
        }
    }

    /** {@code 'S', length, String name, String value}: a setting, at the start of a session and whenever it changes. */
    record ParameterStatus(String name, String value) implements BackendMessage {}

    /**
     * {@code 'K', length, Int32 pid, Byte[n] key}: what a CancelRequest has to say.
     *
     * @param pid unique among the live connections of a server: walreceivers name temporary slots after it
     * @param key 4 bytes in protocol 3.0, 4 to 256 from 3.2 on
     */
    @SuppressWarnings("ArrayRecordComponent") // a secret to be compared with MessageDigest.isEqual, never by equals
    record BackendKeyData(int pid, byte[] key) implements BackendMessage {
        /** Keeps the key out of logs. */
        @Override
        public String toString() {
            return "BackendKeyData[pid=" + pid + "]";
        }
    }

    /**
     * {@code 'Z', 5, Byte1 status}: the server waits for the next query.
     *
     * @param status {@code I} idle, {@code T} in a transaction block, {@code E} in a failed one
     */
    record ReadyForQuery(byte status) implements BackendMessage {
        /** Outside of a transaction. */
        public static final ReadyForQuery IDLE = new ReadyForQuery((byte) 'I');
    }

    /**
     * {@code 'T', length, Int16 n, {String name, Int32 table, Int16 attribute, Int32 type, Int16 size, Int32 modifier,
     * Int16 format}*}.
     */
    record RowDescription(List<Column> columns) implements BackendMessage {
        /** Copies the list. */
        public RowDescription {
            columns = List.copyOf(columns);
        }

        /** A row type of these columns. */
        public static RowDescription of(Column... columns) {
            return new RowDescription(List.of(columns));
        }
    }

    /**
     * {@code 'D', length, Int16 n, {Int32 length or -1, Byte[n] value}*}: a row.
     *
     * @param values one for each column, null for NULL
     */
    record DataRow(List<byte @Nullable []> values) implements BackendMessage {
        /** A row of text values, null for NULL. */
        public static DataRow of(@Nullable String... values) {
            return new DataRow(DataRows.encode(values));
        }

        /** The text of a column, null for NULL. */
        public @Nullable String text(int column) {
            byte[] value = values.get(column);
            return value == null ? null : WireText.decode(value);
        }
    }

    /** {@code 'C', length, String tag}: a command is done. */
    record CommandComplete(String tag) implements BackendMessage {}

    /** {@code '1', 4}: a statement is ready. */
    record ParseComplete() implements BackendMessage {}

    /** {@code '2', 4}: a portal is ready. */
    record BindComplete() implements BackendMessage {}

    /** {@code '3', 4}: a statement or portal is forgotten. */
    record CloseComplete() implements BackendMessage {}

    /** {@code 'n', 4}: what was described gives no rows. */
    record NoData() implements BackendMessage {}

    /** {@code 's', 4}: a portal has given the rows that it was asked for, and may have more. */
    record PortalSuspended() implements BackendMessage {}

    /** {@code 't', length, Int16 n, {Int32 type}*}: the types of a statement's parameters, as OIDs. */
    record ParameterDescription(List<Integer> types) implements BackendMessage {
        /** Copies the list. */
        public ParameterDescription {
            types = List.copyOf(types);
        }
    }

    /** {@code 'I', 4}: the query was empty. */
    record EmptyQueryResponse() implements BackendMessage {}

    /** {@code 'E', length, {Byte1 field, String text}*, NUL}: a command or the session failed. */
    record ErrorResponse(ErrorFields fields) implements BackendMessage {}

    /** {@code 'N', length, {Byte1 field, String text}*, NUL}: a warning or a notice; may come at any time. */
    record NoticeResponse(ErrorFields fields) implements BackendMessage {}

    /** {@code 'W', 7, Int8 0, Int16 0}: COPY in both directions begins (streaming replication). */
    record CopyBothResponse() implements BackendMessage {}

    /** {@code 'G', 7, Int8 0, Int16 0}: COPY from the client begins. */
    record CopyInResponse() implements BackendMessage {}

    /** {@code 'H', 7, Int8 0, Int16 0}: COPY to the client begins. */
    record CopyOutResponse() implements BackendMessage {}

    /**
     * {@code 'd', length, Byte[n]}: data of a COPY.
     *
     * @param data owned by the message; who gets the message releases it
     */
    record CopyData(ByteBuf data) implements BackendMessage, CopyPayload {}

    /** {@code 'c', 4}: the server ends its side of the COPY. */
    record CopyDone() implements BackendMessage {}
}
