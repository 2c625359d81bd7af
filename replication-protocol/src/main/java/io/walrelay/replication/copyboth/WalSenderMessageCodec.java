package io.walrelay.replication.copyboth;

import io.netty.buffer.ByteBuf;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.copyboth.WalSenderMessage.PrimaryKeepalive;
import io.walrelay.replication.copyboth.WalSenderMessage.XLogData;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes what a walsender says. Strict where {@code walreceiver.c} is strict: the decoder is the one of a
 * walreceiver, its errors are those of {@code XLogWalRcvProcessMsg}.
 */
public final class WalSenderMessageCodec {
    /** Bytes before the WAL in an XLogData message: type, start, end of WAL, time. */
    public static final int XLOG_DATA_HEADER = 1 + 8 + 8 + 8;

    /** Bytes of a keepalive: type, end of WAL, time, reply requested. */
    public static final int KEEPALIVE_LENGTH = 1 + 8 + 8 + 1;

    private static final int START = 1;
    private static final int WAL_END = START + 8;
    private static final int SEND_TIME = WAL_END + 8;

    private WalSenderMessageCodec() {}

    /**
     * Reads one CopyData payload from its reader index to its end, and consumes it. libpq drops an empty CopyData; the
     * caller has to do the same, here it is an error.
     *
     * @return an XLogData whose data is a slice of {@code payload}, not retained; or a keepalive
     * @throws CopyBothException if it is too short, a keepalive of the wrong length, or of unknown type
     */
    public static WalSenderMessage decode(ByteBuf payload) {
        Decoded decoded = new Decoded();
        read(payload, payload.readerIndex(), payload.readableBytes(), decoded);
        payload.skipBytes(payload.readableBytes());
        return Objects.requireNonNull(decoded.message, "read gives one message or fails");
    }

    /** The message as an object. */
    private static final class Decoded implements Reader {
        private @Nullable WalSenderMessage message;

        @Override
        public void xLogData(long start, long walEnd, long sendTime, ByteBuf in, int index, int length) {
            message = new XLogData(new Lsn(start), new Lsn(walEnd), sendTime, in.slice(index, length));
        }

        @Override
        public void keepalive(long walEnd, long sendTime, boolean replyRequested) {
            message = new PrimaryKeepalive(new Lsn(walEnd), sendTime, replyRequested);
        }
    }

    /** Takes the messages that {@link #read} reads. */
    public interface Reader {
        /**
         * WAL, as in {@link XLogData}: the positions are the values of LSNs, and the data is a part of the buffer that
         * was read.
         */
        void xLogData(long start, long walEnd, long sendTime, ByteBuf in, int index, int length);

        /** A sign of life, as in {@link PrimaryKeepalive}; the position is the value of an LSN. */
        void keepalive(long walEnd, long sendTime, boolean replyRequested);
    }

    /**
     * As {@link #decode}, without an object for the message: of a part of a buffer, whose indices stay as they are.
     *
     * @throws CopyBothException as {@link #decode}
     */
    public static void read(ByteBuf in, int index, int length, Reader reader) {
        if (length == 0) {
            throw CopyBothException.protocolViolation("no data left in message");
        }
        byte type = in.getByte(index);
        switch (type) {
            case 'w' -> {
                if (length < XLOG_DATA_HEADER) {
                    throw CopyBothException.protocolViolation("invalid WAL message received from primary");
                }
                reader.xLogData(
                        in.getLong(index + START),
                        in.getLong(index + WAL_END),
                        in.getLong(index + SEND_TIME),
                        in,
                        index + XLOG_DATA_HEADER,
                        length - XLOG_DATA_HEADER);
            }
            case 'k' -> {
                if (length != KEEPALIVE_LENGTH) {
                    throw CopyBothException.protocolViolation("invalid keepalive message received from primary");
                }
                reader.keepalive(
                        in.getLong(index + 1),
                        in.getLong(index + 1 + 8),
                        in.getByte(index + KEEPALIVE_LENGTH - 1) != 0);
            }
            default -> throw CopyBothException.protocolViolation("invalid replication message type " + type);
        }
    }

    /** Writes the {@value #XLOG_DATA_HEADER} bytes before the WAL; the WAL itself follows by the caller's hand. */
    public static void writeXLogDataHeader(ByteBuf out, Lsn start, Lsn walEnd, long sendTime) {
        writeXLogDataHeader(out, start.value(), walEnd.value(), sendTime);
    }

    /** The same, of the values of the LSNs: for who writes many. */
    public static void writeXLogDataHeader(ByteBuf out, long start, long walEnd, long sendTime) {
        out.writeByte('w');
        out.writeLong(start);
        out.writeLong(walEnd);
        out.writeLong(sendTime);
    }

    /** Writes a keepalive, {@value #KEEPALIVE_LENGTH} bytes. */
    public static void writeKeepalive(ByteBuf out, Lsn walEnd, long sendTime, boolean replyRequested) {
        out.writeByte('k');
        out.writeLong(walEnd.value());
        out.writeLong(sendTime);
        out.writeByte(replyRequested ? 1 : 0);
    }
}
