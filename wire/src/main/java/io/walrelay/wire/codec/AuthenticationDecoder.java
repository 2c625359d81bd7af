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
 *   <li>A body of more than 65531 bytes: {@link SilentCloseException}. (The limit of 1024 bytes for SASL is the exchange's.)
 *   <li>Any other type: {@link FrontendMessage.Unknown}, whatever it says of its length. Nothing large can be sent before
 *       authentication.
 * </ul>
 */
public final class AuthenticationDecoder extends ProtocolDecoder {
    /** Largest length word, PostgreSQL's {@code PG_MAX_AUTH_TOKEN_LENGTH}. */
    public static final int MAX_LENGTH = 65_535;

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
        if (length < Frame.LENGTH_WORD || length > MAX_LENGTH) {
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
