package io.walrelay.wire.codec;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.message.BackendMessage;
import io.walrelay.wire.message.BackendMessage.AuthenticationOk;
import io.walrelay.wire.message.BackendMessage.CopyData;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Client side, from the start-up message on: bytes to {@link BackendMessage}, with libpq's ({@code fe-connect.c},
 * {@code fe-protocol3.c}) limits and words. Until it has read AuthenticationOk it takes only what belongs to
 * authentication, and small limits; then those it was made with.
 *
 * <ul>
 *   <li>A length out of bounds, an unknown type or a malformed body: FATAL 08P01, and nothing more is read.
 *   <li>NoticeResponse and ParameterStatus may come at any time. NotificationResponse, which nobody asked for, is
 * dropped.
 * </ul>
 *
 * <p>The payload of CopyData is a retained slice of what was received, never a copy: received buffers are chained, not
 * merged, unless the channel reads into a {@link ReceiveBuffer}. The receiver of the message releases it. Who has very
 * many to take {@linkplain #giveCopyDataTo takes them without} an object for each. To read the one-byte answer to an
 * SSLRequest, put this handler in only after that.
 */
public final class BackendDecoder extends ProtocolDecoder implements CopyDataSource {
    /** Longest AuthenticationRequest and NegotiateProtocolVersion, as in libpq. */
    private static final int MAX_AUTHENTICATION = 2000;

    private enum Phase {
        AUTHENTICATION,
        MESSAGES
    }

    private final BackendLimits limits;
    private Phase phase = Phase.AUTHENTICATION;
    private @Nullable CopyDataTaker taker;

    /** A decoder at the start of authentication that takes these limits after it. */
    public BackendDecoder(BackendLimits limits) {
        this.limits = limits;
        setCumulator(COMPOSITE_CUMULATOR);
    }

    /** The same, of a channel that reads into {@code received}. */
    public BackendDecoder(BackendLimits limits, ReceiveBuffer received) {
        this.limits = limits;
        setCumulator(received.cumulator());
    }

    @Override
    public void giveCopyDataTo(CopyDataTaker next) {
        taker = next;
    }

    @Override
    public void passCopyDataOn() {
        taker = null;
    }

    @Override
    void decodeOne(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        byte type = in.getByte(in.readerIndex());
        if (phase == Phase.AUTHENTICATION && !isExpectedInAuthentication(type)) {
            throw PgException.protocolViolation(
                    "expected authentication request from server, but received " + BackendBodies.name(type));
        }
        if (in.readableBytes() < Frame.HEADER) {
            return;
        }
        int length = Frame.length(in);
        if (length < Frame.LENGTH_WORD || length > limit(type)) {
            throw PgException.protocolViolation("lost synchronization with server: got message type \""
                    + BackendBodies.name(type) + "\", length " + length);
        }
        if (!Frame.isComplete(in, length)) {
            return;
        }
        int bodyLength = Frame.readHeader(in);
        if (type == 'd') {
            CopyDataTaker direct = taker;
            if (direct == null) {
                out.add(new CopyData(in.readRetainedSlice(bodyLength)));
            } else {
                int body = in.readerIndex();
                in.skipBytes(bodyLength);
                direct.copyData(in, body, bodyLength);
            }
        } else if (type == 'A') {
            in.skipBytes(bodyLength);
        } else {
            BackendMessage message = BackendBodies.decode(type, in.readSlice(bodyLength));
            if (message instanceof AuthenticationOk) {
                phase = Phase.MESSAGES;
            }
            out.add(message);
        }
    }

    private static boolean isExpectedInAuthentication(byte type) {
        return switch (type) {
            case 'R', 'v', 'E', 'N', 'S' -> true;
            default -> false;
        };
    }

    private int limit(byte type) {
        return switch (phase) {
            case AUTHENTICATION -> type == 'R' || type == 'v' ? MAX_AUTHENTICATION : BackendLimits.SMALL;
            case MESSAGES ->
                switch (type) {
                    case 'd' -> limits.maxCopyData();
                    case 'T', 'D', 'E', 'N', 'A', 't' -> limits.maxMessage();
                    default -> BackendLimits.SMALL;
                };
        };
    }
}
