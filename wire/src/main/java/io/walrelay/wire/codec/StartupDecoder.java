package io.walrelay.wire.codec;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SilentCloseException;
import io.walrelay.wire.message.ProtocolVersion;
import io.walrelay.wire.message.StartupPacket;
import io.walrelay.wire.message.WireText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * Server side, before authentication: {@code Int32 length (itself included), Int32 code, body}, as {@code
 * ProcessStartupPacket} of PostgreSQL reads it.
 *
 * <ul>
 *   <li>A length word below 8 or above 10004, or a malformed cancel request: {@link SilentCloseException}. This
 * includes the first bytes of a       TLS handshake, which make a huge length.
 *   <li>A start-up message without its terminator as the last byte: FATAL 08P01.
 *   <li>Which versions are served, whether a second SSLRequest is in order, and who the user is, is for the session to
 * say.
 * </ul>
 *
 * <p>After a {@link StartupPacket.StartupMessage} or a {@link StartupPacket.CancelRequest} the phase is over: the
 * session replaces this handler by an {@link AuthenticationDecoder} or a {@link FrontendDecoder}; what arrives earlier
 * is held, up to 64 kB.
 */
public final class StartupDecoder extends ProtocolDecoder {
    /** Bytes after the length word, PostgreSQL's {@code MAX_STARTUP_PACKET_LENGTH}. */
    public static final int MAX_BODY = 10_000;

    private static final int LENGTH_WORD = 4;
    private static final int CODE_WORD = 4;
    private static final int MAX_CANCEL_KEY = 256;

    @Override
    void decodeOne(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (in.readableBytes() < LENGTH_WORD) {
            return;
        }
        // Lengths of 2 GB and more are negative here, and too small as well.
        int bodyLength = in.getInt(in.readerIndex()) - LENGTH_WORD;
        if (bodyLength < CODE_WORD || bodyLength > MAX_BODY) {
            throw new SilentCloseException("invalid length of startup packet");
        }
        if (in.readableBytes() < LENGTH_WORD + bodyLength) {
            return;
        }
        in.skipBytes(LENGTH_WORD);
        ByteBuf body = in.readSlice(bodyLength);
        out.add(decodePacket(body, in.readableBytes()));
    }

    /**
     * What has arrived behind the request that has just been read, and will not be read here: it belongs to TLS, or
     * came from somebody who must not be listened to. The caller owns it.
     */
    public ByteBuf takeBuffered() {
        return internalBuffer().readBytes(actualReadableBytes());
    }

    private StartupPacket decodePacket(ByteBuf body, int behind) {
        ProtocolVersion version = ProtocolVersion.ofCode(body.readInt());
        if (version.equals(StartupPacket.SslRequest.CODE)) {
            return new StartupPacket.SslRequest(behind);
        }
        if (version.equals(StartupPacket.GssEncRequest.CODE)) {
            return new StartupPacket.GssEncRequest(behind);
        }
        hold();
        if (version.equals(StartupPacket.CancelRequest.CODE)) {
            return decodeCancel(body);
        }
        return new StartupPacket.StartupMessage(
                version.major(),
                version.minor(),
                version.major() == 3 ? decodeParameters(body) : new LinkedHashMap<>());
    }

    private static StartupPacket decodeCancel(ByteBuf body) {
        int keyLength = body.readableBytes() - Integer.BYTES;
        if (keyLength < 1 || keyLength > MAX_CANCEL_KEY) {
            throw new SilentCloseException("invalid length of startup packet");
        }
        int pid = body.readInt();
        byte[] key = new byte[keyLength];
        body.readBytes(key);
        return new StartupPacket.CancelRequest(pid, key);
    }

    /** Pairs of strings up to an empty name, whose NUL is the terminator. */
    private static SequencedMap<String, String> decodeParameters(ByteBuf body) {
        SequencedMap<String, String> parameters = new LinkedHashMap<>();
        for (String name = readString(body); !name.isEmpty(); name = readString(body)) {
            parameters.put(name, readString(body));
        }
        if (body.isReadable()) {
            throw invalidLayout();
        }
        return parameters;
    }

    private static String readString(ByteBuf body) {
        int length = body.bytesBefore((byte) 0);
        if (length < 0) {
            throw invalidLayout();
        }
        byte[] text = new byte[length];
        body.readBytes(text);
        body.skipBytes(1);
        return WireText.decode(text);
    }

    private static PgException invalidLayout() {
        return PgException.protocolViolation("invalid startup packet layout: expected terminator as last byte");
    }
}
