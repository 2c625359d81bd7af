package io.walrelay.wire.codec;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SilentCloseException;
import io.walrelay.wire.message.FrontendMessage;
import java.util.List;
import java.util.function.Supplier;

/**
 * Server side, in authentication: reads <em>one</em> answer to an authentication request ({@code 'p'}) and then holds
 * what follows, because what that means depends on what the server makes of the answer. The session puts one in for
 * each request it sends, and a {@link FrontendDecoder} once it has sent AuthenticationOk.
 *
 * <ul>
 *   <li>A length below 4 or beyond the limit: for a password (65535) {@link SilentCloseException}, for SASL (1024)
 * FATAL 28P01. That is       how PostgreSQL answers.
 *   <li>Any other type: {@link FrontendMessage.Unknown}, whatever it says of its length. Nothing large can be sent
 * before       authentication.
 * </ul>
 */
public final class AuthenticationDecoder extends ProtocolDecoder {
    /** Largest length word of a password, PostgreSQL's {@code PG_MAX_AUTH_TOKEN_LENGTH}. */
    public static final int MAX_PASSWORD = 65_535;

    /** Largest length word of a SASL message, PostgreSQL's {@code PG_MAX_SASL_MESSAGE_LENGTH}. */
    public static final int MAX_SASL = 1024;

    private final int maxLength;
    private final Supplier<RuntimeException> invalidLength;

    private AuthenticationDecoder(int maxLength, Supplier<RuntimeException> invalidLength) {
        this.maxLength = maxLength;
        this.invalidLength = invalidLength;
    }

    /** Reads the answer to AuthenticationCleartextPassword or AuthenticationMD5Password. */
    public static AuthenticationDecoder password() {
        return new AuthenticationDecoder(MAX_PASSWORD, () -> new SilentCloseException("invalid message length"));
    }

    /**
     * Reads the answer to AuthenticationSASL or AuthenticationSASLContinue.
     *
     * @param user of the start-up message, for the words of the failure
     */
    public static AuthenticationDecoder sasl(String user) {
        return new AuthenticationDecoder(MAX_SASL, () -> PgException.passwordFailed(user));
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
            throw invalidLength.get();
        }
        if (Frame.isComplete(in, length)) {
            hold();
            byte[] body = new byte[Frame.readHeader(in)];
            in.readBytes(body);
            out.add(new FrontendMessage.Password(body));
        }
    }
}
