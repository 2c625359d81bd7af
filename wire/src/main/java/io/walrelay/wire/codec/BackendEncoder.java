package io.walrelay.wire.codec;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler.Sharable;
import io.walrelay.wire.message.BackendMessage;
import io.walrelay.wire.message.BackendMessage.AuthenticationCleartextPassword;
import io.walrelay.wire.message.BackendMessage.AuthenticationMd5Password;
import io.walrelay.wire.message.BackendMessage.AuthenticationOk;
import io.walrelay.wire.message.BackendMessage.AuthenticationSasl;
import io.walrelay.wire.message.BackendMessage.AuthenticationSaslContinue;
import io.walrelay.wire.message.BackendMessage.AuthenticationSaslFinal;
import io.walrelay.wire.message.BackendMessage.AuthenticationUnsupported;
import io.walrelay.wire.message.BackendMessage.BackendKeyData;
import io.walrelay.wire.message.BackendMessage.BindComplete;
import io.walrelay.wire.message.BackendMessage.CloseComplete;
import io.walrelay.wire.message.BackendMessage.CommandComplete;
import io.walrelay.wire.message.BackendMessage.CopyBothResponse;
import io.walrelay.wire.message.BackendMessage.CopyData;
import io.walrelay.wire.message.BackendMessage.CopyDone;
import io.walrelay.wire.message.BackendMessage.CopyInResponse;
import io.walrelay.wire.message.BackendMessage.CopyOutResponse;
import io.walrelay.wire.message.BackendMessage.DataRow;
import io.walrelay.wire.message.BackendMessage.EmptyQueryResponse;
import io.walrelay.wire.message.BackendMessage.ErrorResponse;
import io.walrelay.wire.message.BackendMessage.NegotiateProtocolVersion;
import io.walrelay.wire.message.BackendMessage.NoData;
import io.walrelay.wire.message.BackendMessage.NoticeResponse;
import io.walrelay.wire.message.BackendMessage.ParameterDescription;
import io.walrelay.wire.message.BackendMessage.ParameterStatus;
import io.walrelay.wire.message.BackendMessage.ParseComplete;
import io.walrelay.wire.message.BackendMessage.PortalSuspended;
import io.walrelay.wire.message.BackendMessage.ReadyForQuery;
import io.walrelay.wire.message.BackendMessage.RowDescription;
import io.walrelay.wire.message.Column;
import io.walrelay.wire.message.ErrorFields;
import io.walrelay.wire.message.WireText;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Server side: {@link BackendMessage} to bytes. Everything else ({@link ByteBuf}, {@code FileRegion}) passes through
 * untouched and in order, so a walsender can write the header of a CopyData and a file region by itself. Stateless.
 */
@Sharable
public final class BackendEncoder extends ProtocolEncoder {
    private static final int OK = 0;
    private static final int CLEARTEXT = 3;
    private static final int MD5 = 5;
    private static final int SASL = 10;
    private static final int SASL_CONTINUE = 11;
    private static final int SASL_FINAL = 12;
    private static final byte[] NOTHING = {};

    @Override
    boolean accepts(Object message) {
        return message instanceof BackendMessage;
    }

    @Override
    @Nullable
    ByteBuf payload(Object message) {
        return message instanceof CopyData copy ? copy.data() : null;
    }

    @Override
    void encode(Object message, ByteBuf out) {
        encode((BackendMessage) message, out);
    }

    private static void encode(BackendMessage message, ByteBuf out) {
        switch (message) {
            case AuthenticationOk ok -> authentication(out, OK, NOTHING);
            case AuthenticationCleartextPassword cleartext -> authentication(out, CLEARTEXT, NOTHING);
            case AuthenticationMd5Password md5 -> authentication(out, MD5, md5.salt());
            case AuthenticationSasl sasl -> authenticationSasl(out, sasl.mechanisms());
            case AuthenticationSaslContinue sasl -> authentication(out, SASL_CONTINUE, sasl.data());
            case AuthenticationSaslFinal sasl -> authentication(out, SASL_FINAL, sasl.data());
            case AuthenticationUnsupported other -> authentication(out, other.kind(), NOTHING);
            case NegotiateProtocolVersion negotiate -> negotiate(out, negotiate);
            case ParameterStatus status -> Frame.strings(out, 'S', status.name(), status.value());
            case BackendKeyData key -> keyData(out, key);
            case ReadyForQuery ready -> readyForQuery(out, ready.status());
            case RowDescription row -> rowDescription(out, row.columns());
            case DataRow row -> dataRow(out, row.values());
            case CommandComplete complete -> Frame.strings(out, 'C', complete.tag());
            case ParseComplete parsed -> Frame.empty(out, '1');
            case BindComplete bound -> Frame.empty(out, '2');
            case CloseComplete closed -> Frame.empty(out, '3');
            case NoData none -> Frame.empty(out, 'n');
            case PortalSuspended suspended -> Frame.empty(out, 's');
            case ParameterDescription description -> parameterDescription(out, description.types());
            case EmptyQueryResponse empty -> Frame.empty(out, 'I');
            case ErrorResponse error -> fields(out, 'E', error.fields());
            case NoticeResponse notice -> fields(out, 'N', notice.fields());
            case CopyBothResponse both -> copyResponse(out, 'W');
            case CopyInResponse in -> copyResponse(out, 'G');
            case CopyOutResponse copyOut -> copyResponse(out, 'H');
            case CopyData copy -> copyData(out, copy.data());
            case CopyDone done -> Frame.empty(out, 'c');
        }
    }

    private static void authentication(ByteBuf out, int kind, byte[] data) {
        int start = Frame.begin(out, 'R');
        out.writeInt(kind);
        out.writeBytes(data);
        Frame.end(out, start);
    }

    private static void authenticationSasl(ByteBuf out, List<String> mechanisms) {
        int start = Frame.begin(out, 'R');
        out.writeInt(SASL);
        mechanisms.forEach(mechanism -> Frame.writeString(out, mechanism));
        out.writeByte(0);
        Frame.end(out, start);
    }

    private static void negotiate(ByteBuf out, NegotiateProtocolVersion negotiate) {
        int start = Frame.begin(out, 'v');
        out.writeInt(negotiate.version());
        out.writeInt(negotiate.options().size());
        negotiate.options().forEach(option -> Frame.writeString(out, option));
        Frame.end(out, start);
    }

    private static void keyData(ByteBuf out, BackendKeyData key) {
        int start = Frame.begin(out, 'K');
        out.writeInt(key.pid());
        out.writeBytes(key.key());
        Frame.end(out, start);
    }

    private static void readyForQuery(ByteBuf out, byte status) {
        int start = Frame.begin(out, 'Z');
        out.writeByte(status);
        Frame.end(out, start);
    }

    private static void parameterDescription(ByteBuf out, List<Integer> types) {
        int start = Frame.begin(out, 't');
        out.writeShort(types.size());
        types.forEach(out::writeInt);
        Frame.end(out, start);
    }

    private static void rowDescription(ByteBuf out, List<Column> columns) {
        int start = Frame.begin(out, 'T');
        out.writeShort(columns.size());
        for (Column column : columns) {
            Frame.writeString(out, column.name());
            out.writeInt(column.tableOid());
            out.writeShort(column.attributeNumber());
            out.writeInt(column.typeOid());
            out.writeShort(column.typeLength());
            out.writeInt(column.typeModifier());
            out.writeShort(column.format());
        }
        Frame.end(out, start);
    }

    private static void dataRow(ByteBuf out, List<byte @Nullable []> values) {
        int start = Frame.begin(out, 'D');
        out.writeShort(values.size());
        for (byte[] value : values) {
            if (value == null) {
                out.writeInt(-1);
            } else {
                out.writeInt(value.length);
                out.writeBytes(value);
            }
        }
        Frame.end(out, start);
    }

    private static void fields(ByteBuf out, char type, ErrorFields fields) {
        int start = Frame.begin(out, type);
        fields.fields().forEach((field, text) -> {
            out.writeByte(field);
            // A message may quote what a client sent; a NUL in it must not cost the client the message.
            out.writeBytes(WireText.encode(text.replace("\0", "")));
            out.writeByte(0);
        });
        out.writeByte(0);
        Frame.end(out, start);
    }

    private static void copyResponse(ByteBuf out, char type) {
        int start = Frame.begin(out, type);
        out.writeByte(0);
        out.writeShort(0);
        Frame.end(out, start);
    }
}
