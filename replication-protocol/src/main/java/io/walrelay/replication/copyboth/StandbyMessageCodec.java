package io.walrelay.replication.copyboth;

import io.netty.buffer.ByteBuf;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.copyboth.StandbyMessage.HotStandbyFeedback;
import io.walrelay.replication.copyboth.StandbyMessage.StatusUpdate;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes what a receiver of WAL says. As lenient as {@code walsender.c}: bytes behind a message's last field
 * are ignored, and any non-zero byte requests a reply.
 */
public final class StandbyMessageCodec {
    /** Bytes of a status update. */
    public static final int STATUS_UPDATE_LENGTH = 1 + 8 + 8 + 8 + 8 + 1;

    /** Bytes of hot standby feedback. */
    public static final int HOT_STANDBY_FEEDBACK_LENGTH = 1 + 8 + 4 + 4 + 4 + 4;

    private static final int WRITE = 1;
    private static final int FLUSH = WRITE + 8;
    private static final int APPLY = FLUSH + 8;
    private static final int CLIENT_TIME = APPLY + 8;
    private static final int REPLY_REQUESTED = CLIENT_TIME + 8;

    private static final int FEEDBACK_TIME = 1;
    private static final int XMIN = FEEDBACK_TIME + 8;
    private static final int XMIN_EPOCH = XMIN + 4;
    private static final int CATALOG_XMIN = XMIN_EPOCH + 4;
    private static final int CATALOG_XMIN_EPOCH = CATALOG_XMIN + 4;

    private StandbyMessageCodec() {}

    /**
     * Reads one CopyData payload from its reader index to its end, and consumes it.
     *
     * @throws CopyBothException if it is empty, too short or of unknown type (then not to be reported to the peer)
     */
    public static StandbyMessage decode(ByteBuf payload) {
        Decoded decoded = new Decoded();
        read(payload, payload.readerIndex(), payload.readableBytes(), decoded);
        payload.skipBytes(payload.readableBytes());
        return Objects.requireNonNull(decoded.message, "read gives one message or fails");
    }

    /** The message as an object. */
    private static final class Decoded implements Reader {
        private @Nullable StandbyMessage message;

        @Override
        public void statusUpdate(long write, long flush, long apply, long clientTime, boolean replyRequested) {
            message = new StatusUpdate(new Lsn(write), new Lsn(flush), new Lsn(apply), clientTime, replyRequested);
        }

        @Override
        public void hotStandbyFeedback(
                long clientTime, int xmin, int xminEpoch, int catalogXmin, int catalogXminEpoch) {
            message = new HotStandbyFeedback(clientTime, xmin, xminEpoch, catalogXmin, catalogXminEpoch);
        }
    }

    /** Takes the messages that {@link #read} reads. */
    public interface Reader {
        /** How far the receiver got, as in {@link StatusUpdate}; the positions are the values of LSNs. */
        void statusUpdate(long write, long flush, long apply, long clientTime, boolean replyRequested);

        /** What its queries still need, as in {@link HotStandbyFeedback}. */
        void hotStandbyFeedback(long clientTime, int xmin, int xminEpoch, int catalogXmin, int catalogXminEpoch);
    }

    /**
     * As {@link #decode}, without an object for the message: of a part of a buffer, whose indices stay as they are.
     *
     * @throws CopyBothException as {@link #decode}
     */
    public static void read(ByteBuf in, int index, int length, Reader reader) {
        if (length == 0) {
            throw noneLeft();
        }
        byte type = in.getByte(index);
        switch (type) {
            case 'r' -> {
                checkLength(length, REPLY_REQUESTED);
                if (length == REPLY_REQUESTED) {
                    throw noneLeft();
                }
                reader.statusUpdate(
                        in.getLong(index + WRITE),
                        in.getLong(index + FLUSH),
                        in.getLong(index + APPLY),
                        in.getLong(index + CLIENT_TIME),
                        in.getByte(index + REPLY_REQUESTED) != 0);
            }
            case 'h' -> {
                checkLength(length, HOT_STANDBY_FEEDBACK_LENGTH);
                reader.hotStandbyFeedback(
                        in.getLong(index + FEEDBACK_TIME),
                        in.getInt(index + XMIN),
                        in.getInt(index + XMIN_EPOCH),
                        in.getInt(index + CATALOG_XMIN),
                        in.getInt(index + CATALOG_XMIN_EPOCH));
            }
            default ->
                throw CopyBothException.unexpectedType(
                        "unexpected message type \"" + (char) Byte.toUnsignedInt(type) + "\"");
        }
    }

    /** A field of several bytes that is cut, or missing, has other words than a missing byte: {@code pq_getmsgbyte}. */
    private static void checkLength(int length, int atLeast) {
        if (length < atLeast) {
            throw CopyBothException.protocolViolation("insufficient data left in message");
        }
    }

    private static CopyBothException noneLeft() {
        return CopyBothException.protocolViolation("no data left in message");
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
}
