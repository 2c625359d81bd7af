package io.walrelay.replication.copyboth;

import io.netty.buffer.ByteBuf;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.copyboth.StandbyMessage.HotStandbyFeedback;
import io.walrelay.replication.copyboth.StandbyMessage.StatusUpdate;

/**
 * Reads and writes what a receiver of WAL says. As lenient as {@code walsender.c}: bytes behind a message's last field
 * are ignored, and any non-zero byte requests a reply.
 */
public final class StandbyMessageCodec {
    /** Bytes of a status update. */
    public static final int STATUS_UPDATE_LENGTH = 1 + 8 + 8 + 8 + 8 + 1;

    /** Bytes of hot standby feedback. */
    public static final int HOT_STANDBY_FEEDBACK_LENGTH = 1 + 8 + 4 + 4 + 4 + 4;

    private StandbyMessageCodec() {}

    /**
     * Reads one CopyData payload from its reader index to its end, and consumes it.
     *
     * @throws CopyBothException if it is empty, too short or of unknown type (then not to be reported to the peer)
     */
    public static StandbyMessage decode(ByteBuf payload) {
        byte type = readByte(payload);
        StandbyMessage message = switch (type) {
            case 'r' ->
                new StatusUpdate(
                        new Lsn(readLong(payload)),
                        new Lsn(readLong(payload)),
                        new Lsn(readLong(payload)),
                        readLong(payload),
                        readByte(payload) != 0);
            case 'h' ->
                new HotStandbyFeedback(
                        readLong(payload), readInt(payload), readInt(payload), readInt(payload), readInt(payload));
            default ->
                throw CopyBothException.unexpectedType(
                        "unexpected message type \"" + (char) Byte.toUnsignedInt(type) + "\"");
        };
        payload.skipBytes(payload.readableBytes());
        return message;
    }

    /** Writes a message. */
    public static void write(ByteBuf out, StandbyMessage message) {
        switch (message) {
            case StatusUpdate status ->
                writeStatusUpdate(
                        out,
                        status.write().value(),
                        status.flush().value(),
                        status.apply().value(),
                        status.clientTime(),
                        status.replyRequested());
            case HotStandbyFeedback feedback -> {
                out.writeByte('h');
                out.writeLong(feedback.clientTime());
                out.writeInt(feedback.xmin());
                out.writeInt(feedback.xminEpoch());
                out.writeInt(feedback.catalogXmin());
                out.writeInt(feedback.catalogXminEpoch());
            }
        }
    }

    /** Writes a {@link StatusUpdate} that need not be an object; positions are the values of LSNs. */
    public static void writeStatusUpdate(
            ByteBuf out, long write, long flush, long apply, long clientTime, boolean replyRequested) {
        out.writeByte('r');
        out.writeLong(write);
        out.writeLong(flush);
        out.writeLong(apply);
        out.writeLong(clientTime);
        out.writeByte(replyRequested ? 1 : 0);
    }

    private static byte readByte(ByteBuf in) {
        if (!in.isReadable()) {
            throw CopyBothException.protocolViolation("no data left in message");
        }
        return in.readByte();
    }

    private static int readInt(ByteBuf in) {
        checkLeft(in, Integer.BYTES);
        return in.readInt();
    }

    private static long readLong(ByteBuf in) {
        checkLeft(in, Long.BYTES);
        return in.readLong();
    }

    private static void checkLeft(ByteBuf in, int bytes) {
        if (in.readableBytes() < bytes) {
            throw CopyBothException.protocolViolation("insufficient data left in message");
        }
    }
}
