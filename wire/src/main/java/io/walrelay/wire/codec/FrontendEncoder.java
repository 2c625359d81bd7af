package io.walrelay.wire.codec;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler.Sharable;
import io.walrelay.wire.message.FrontendMessage;
import io.walrelay.wire.message.ProtocolVersion;
import io.walrelay.wire.message.StartupPacket;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Client side: {@link StartupPacket} and {@link FrontendMessage} to bytes. Everything else ({@link ByteBuf}, {@code
 * FileRegion}) passes through untouched and in order. {@link FrontendMessage.Extended.Unread} and the like, which have
 * lost their bodies, cannot be sent. Stateless.
 */
@Sharable
public final class FrontendEncoder extends ProtocolEncoder {
    @Override
    boolean accepts(Object message) {
        return message instanceof FrontendMessage || message instanceof StartupPacket;
    }

    @Override
    @Nullable
    ByteBuf payload(Object message) {
        return message instanceof FrontendMessage.CopyData copy ? copy.data() : null;
    }

    @Override
    void encode(Object message, ByteBuf out) {
        if (message instanceof StartupPacket packet) {
            encodePacket(packet, out);
        } else {
            encodeMessage((FrontendMessage) message, out);
        }
    }

    private static void encodePacket(StartupPacket packet, ByteBuf out) {
        int start = out.writerIndex();
        out.writeInt(0);
        switch (packet) {
            case StartupPacket.SslRequest request -> code(out, StartupPacket.SslRequest.CODE);
            case StartupPacket.GssEncRequest request -> code(out, StartupPacket.GssEncRequest.CODE);
            case StartupPacket.CancelRequest cancel -> {
                code(out, StartupPacket.CancelRequest.CODE);
                out.writeInt(cancel.pid());
                out.writeBytes(cancel.key());
            }
            case StartupPacket.StartupMessage startup -> {
                code(out, startup.version());
                parameters(out, startup.parameters());
            }
        }
        Frame.end(out, start);
    }

    private static void code(ByteBuf out, ProtocolVersion version) {
        out.writeInt(version.code());
    }

    private static void parameters(ByteBuf out, SequencedMap<String, String> parameters) {
        parameters.forEach((name, value) -> {
            if (name.isEmpty()) {
                throw new IllegalArgumentException("empty parameter name, which would end the list");
            }
            Frame.writeString(out, name);
            Frame.writeString(out, value);
        });
        out.writeByte(0);
    }

    private static void encodeMessage(FrontendMessage message, ByteBuf out) {
        switch (message) {
            case FrontendMessage.Query query -> Frame.strings(out, 'Q', query.query());
            case FrontendMessage.Terminate terminate -> Frame.empty(out, 'X');
            case FrontendMessage.CopyData copy -> copyData(out, copy.data());
            case FrontendMessage.CopyDone done -> Frame.empty(out, 'c');
            case FrontendMessage.CopyFail fail -> Frame.strings(out, 'f', fail.reason());
            case FrontendMessage.Password password -> password(out, password.body());
            case FrontendMessage.Sync sync -> Frame.empty(out, 'S');
            case FrontendMessage.Flush flush -> Frame.empty(out, 'H');
            case FrontendMessage.Extended extended -> encodeExtended(extended, out);
            case FrontendMessage.FunctionCall call -> throw withoutBody(call);
            case FrontendMessage.Unknown unknown -> throw withoutBody(unknown);
        }
    }

    private static void encodeExtended(FrontendMessage.Extended message, ByteBuf out) {
        if (message instanceof FrontendMessage.Extended.Unread
                || message instanceof FrontendMessage.Extended.Malformed) {
            throw withoutBody(message);
        }
        int start = Frame.begin(out, (char) message.type());
        ExtendedBodies.write(message, out);
        Frame.end(out, start);
    }

    private static void password(ByteBuf out, byte[] body) {
        int start = Frame.begin(out, 'p');
        out.writeBytes(body);
        Frame.end(out, start);
    }

    private static IllegalArgumentException withoutBody(FrontendMessage message) {
        return new IllegalArgumentException("has no body to send: " + message);
    }
}
