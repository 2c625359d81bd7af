package io.walrelay.wire.codec;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SilentCloseException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.FrontendMessage;
import io.walrelay.wire.message.WireText;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Server side, after authentication: bytes to {@link FrontendMessage}, as {@code SocketBackend} of PostgreSQL's {@code
 * postgres.c} reads them. The limits come with the constructor: a session gets them by having this decoder put into its
 * pipeline, in the place of the {@link AuthenticationDecoder}, after it has been authenticated.
 *
 * <ul>
 *   <li>A length below 4 or beyond PostgreSQL's limit for the type (10000 bytes, or 1 GB - 2): {@link
 * SilentCloseException}, as       {@code pq_getmessage} answers nothing.
 *   <li>A length beyond the smaller limit that is configured here: FATAL 08P01.
 *   <li>An unknown type: {@link FrontendMessage.Unknown}, and nothing more is read.
 *   <li>A query without its NUL, or with something behind it: ERROR 08P01, and the session goes on.
 *   <li>A message of the extended protocol that is not what it should be: {@link FrontendMessage.Extended.Malformed}.
 * </ul>
 *
 * <p>The payload of CopyData is a retained slice of what was received, without a copy; the receiver of the message
 * releases it. Who has many to take has a {@link CopyDataTaker}, which is given them instead of the messages: in the
 * same order with other messages, as long as there is no handler in between that keeps any back. Bodies that nobody
 * reads are dropped as they arrive.
 */
public final class FrontendDecoder extends ProtocolDecoder {
    private static final FrontendMessage TERMINATE = new FrontendMessage.Terminate();
    private static final FrontendMessage COPY_DONE = new FrontendMessage.CopyDone();
    private static final FrontendMessage SYNC = new FrontendMessage.Sync();
    private static final FrontendMessage FLUSH = new FrontendMessage.Flush();
    private static final FrontendMessage FUNCTION_CALL = new FrontendMessage.FunctionCall();

    private final FrontendLimits limits;
    private final @Nullable CopyDataTaker taker;

    /** The message whose body is being dropped, and what is left of that. */
    private @Nullable FrontendMessage dropping;

    private int toDrop;

    /** A decoder with these limits. */
    public FrontendDecoder(FrontendLimits limits) {
        this(limits, null);
    }

    /** A decoder with these limits that gives CopyData to {@code taker}, where there is one. */
    public FrontendDecoder(FrontendLimits limits, @Nullable CopyDataTaker taker) {
        this.limits = limits;
        this.taker = taker;
    }

    @Override
    void decodeOne(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (dropping != null) {
            drop(dropping, in, out);
            return;
        }
        byte type = in.getByte(in.readerIndex());
        if (!isKnown(type)) {
            in.skipBytes(1);
            discard();
            out.add(new FrontendMessage.Unknown(type));
            return;
        }
        if (in.readableBytes() < Frame.HEADER) {
            return;
        }
        int length = Frame.length(in);
        checkLength(type, length);
        FrontendMessage bodiless = withoutBody(type);
        if (bodiless != null) {
            toDrop = Frame.readHeader(in);
            dropping = bodiless;
            drop(bodiless, in, out);
        } else if (Frame.isComplete(in, length)) {
            int bodyLength = Frame.readHeader(in);
            if (type == 'd' && taker != null) {
                int body = in.readerIndex();
                in.skipBytes(bodyLength);
                taker.copyData(in, body, bodyLength);
            } else {
                out.add(withBody(type, in, bodyLength));
            }
        }
    }

    private void drop(FrontendMessage message, ByteBuf in, List<Object> out) {
        int here = Math.min(toDrop, in.readableBytes());
        in.skipBytes(here);
        toDrop -= here;
        if (toDrop == 0) {
            dropping = null;
            out.add(message);
        }
    }

    private static boolean isKnown(byte type) {
        return switch (type) {
            case 'Q', 'd', 'c', 'f', 'X', 'S', 'H', 'P', 'B', 'E', 'C', 'D', 'F' -> true;
            default -> false;
        };
    }

    private void checkLength(byte type, int length) {
        int postgres = switch (type) {
            case 'Q', 'd', 'P', 'B', 'F' -> FrontendLimits.LARGE;
            default -> FrontendLimits.SMALL;
        };
        if (length < Frame.LENGTH_WORD || length > postgres) {
            throw new SilentCloseException("invalid message length");
        }
        int ours = type == 'd' ? limits.maxCopyData() : limits.maxQuery();
        if (length > ours) {
            throw PgException.protocolViolation("invalid message length")
                    .withDetail("The message is " + length + " bytes long, the limit is " + ours + " bytes.");
        }
    }

    /** The message if its body does not matter. */
    private @Nullable FrontendMessage withoutBody(byte type) {
        return switch (type) {
            case 'c' -> COPY_DONE;
            case 'X' -> TERMINATE;
            case 'F' -> FUNCTION_CALL;
            case 'P', 'B', 'E', 'C', 'D' -> limits.readsExtended() ? null : new FrontendMessage.Extended.Unread(type);
            default -> null;
        };
    }

    private static FrontendMessage withBody(byte type, ByteBuf in, int bodyLength) {
        if (type == 'd') {
            return new FrontendMessage.CopyData(in.readRetainedSlice(bodyLength));
        }
        if (ExtendedBodies.isExtended(type)) {
            return ExtendedBodies.read(type, in.readSlice(bodyLength));
        }
        byte[] body = new byte[bodyLength];
        in.readBytes(body);
        return switch (type) {
            case 'Q' -> new FrontendMessage.Query(string(body));
            case 'f' -> new FrontendMessage.CopyFail(string(body));
            case 'S' -> requireEmpty(body, SYNC);
            case 'H' -> body.length == 0 ? FLUSH : new FrontendMessage.Flush(body.length);
            default -> throw new IllegalStateException("message type " + type + " has no body here");
        };
    }

    private static String string(byte[] body) {
        int end = 0;
        while (end < body.length && body[end] != 0) {
            end++;
        }
        if (end == body.length) {
            throw PgException.error(SqlState.PROTOCOL_VIOLATION, "invalid string in message");
        }
        if (end < body.length - 1) {
            throw invalidFormat();
        }
        return WireText.decode(body, 0, end);
    }

    private static FrontendMessage requireEmpty(byte[] body, FrontendMessage message) {
        if (body.length != 0) {
            throw invalidFormat();
        }
        return message;
    }

    private static PgException invalidFormat() {
        return PgException.error(SqlState.PROTOCOL_VIOLATION, "invalid message format");
    }
}
