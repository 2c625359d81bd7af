package io.walrelay.wire.codec;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.walrelay.wire.error.SilentCloseException;
import io.walrelay.wire.message.FrontendMessage;
import java.util.List;

/**
 * Server side, in authentication: reads <em>one</em> answer to an authentication request ({@code 'p'}) and then holds what follows,
 * because what that means depends on what the server makes of the answer. The session puts one in for each request it sends, and a
 * {@link FrontendDecoder} once it has sent AuthenticationOk.
 *
 * <ul>
 *   <li>A length beyond the limit, 65535 for passwords and 1024 for SASL: {@link SilentCloseException}, as PostgreSQL answers nothing.
 *   <li>Any other type: {@link FrontendMessage.Unknown}, whatever it says of its length. Nothing large can be sent before
 *       authentication.
 * </ul>
 */
public final class AuthenticationDecoder extends ProtocolDecoder {
    /** Largest length word of a password, PostgreSQL's {@code PG_MAX_AUTH_TOKEN_LENGTH}. */
    public static final int MAX_PASSWORD = 65_535;

    /** Largest length word of a SASL message, PostgreSQL's {@code PG_MAX_SASL_MESSAGE_LENGTH}. */
    public static final int MAX_SASL = 1024;

    private final int maxLength;

    private AuthenticationDecoder(int maxLength) {
        this.maxLength = maxLength;
    }

    /** Reads the answer to AuthenticationCleartextPassword or AuthenticationMD5Password. */
    public static AuthenticationDecoder password() {
        return new AuthenticationDecoder(MAX_PASSWORD);
    }

    /** Reads the answer to AuthenticationSASL or AuthenticationSASLContinue. */
    public static AuthenticationDecoder sasl() {
        return new AuthenticationDecoder(MAX_SASL);
    }

    @Override
    void decodeOne(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        byte type = in.getByte(in.readerIndex());
        if (type != 'p') {
            in.skipBytes(1);
            discard();
            out.add(new FrontendMessage.Unknown(type));
            return;
        }
        if (in.readableBytes() < Frame.HEADER) {
            return;
        }
        int length = Frame.length(in);
        if (length < Frame.LENGTH_WORD || length > maxLength) {
            throw new SilentCloseException("invalid message length");
        }
        if (Frame.isComplete(in, length)) {
            hold();
            byte[] body = new byte[Frame.readHeader(in)];
            in.readBytes(body);
            out.add(new FrontendMessage.Password(body));
        }
    }
}
