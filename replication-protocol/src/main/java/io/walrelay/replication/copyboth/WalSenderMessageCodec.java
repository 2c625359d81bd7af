package io.walrelay.replication.copyboth;

import io.netty.buffer.ByteBuf;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.copyboth.WalSenderMessage.PrimaryKeepalive;
import io.walrelay.replication.copyboth.WalSenderMessage.XLogData;

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
        if (!payload.isReadable()) {
            throw CopyBothException.protocolViolation("no data left in message");
        }
        byte type = payload.readByte();
        return switch (type) {
            case 'w' -> xLogData(payload);
            case 'k' -> keepalive(payload);
            default -> throw unknown(type);
        };
    }

    /** Takes the messages that {@link #read} reads. */
    public interface Reader {
        /**
         * WAL, as in {@link XLogData}: the positions are the values of LSNs, and the data is a part of the buffer that was
         * read.
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
                requireXLogDataHeader(length);
                reader.xLogData(
                        in.getLong(index + START),
                        in.getLong(index + WAL_END),
                        in.getLong(index + SEND_TIME),
                        in,
                        index + XLOG_DATA_HEADER,
                        length - XLOG_DATA_HEADER);
            }
            case 'k' -> {
                requireKeepalive(length);
                reader.keepalive(
                        in.getLong(index + 1),
                        in.getLong(index + 1 + 8),
                        in.getByte(index + KEEPALIVE_LENGTH - 1) != 0);
            }
            default -> throw unknown(type);
        }
    }

    private static void requireXLogDataHeader(int length) {
        if (length < XLOG_DATA_HEADER) {
            throw CopyBothException.protocolViolation("invalid WAL message received from primary");
        }
    }

    private static void requireKeepalive(int length) {
        if (length != KEEPALIVE_LENGTH) {
            throw CopyBothException.protocolViolation("invalid keepalive message received from primary");
        }
    }

    private static CopyBothException unknown(byte type) {
        return CopyBothException.protocolViolation("invalid replication message type " + type);
    }

    private static XLogData xLogData(ByteBuf payload) {
        requireXLogDataHeader(1 + payload.readableBytes());
        Lsn start = new Lsn(payload.readLong());
        Lsn walEnd = new Lsn(payload.readLong());
        long sendTime = payload.readLong();
        return new XLogData(start, walEnd, sendTime, payload.readSlice(payload.readableBytes()));
    }

    private static PrimaryKeepalive keepalive(ByteBuf payload) {
        requireKeepalive(1 + payload.readableBytes());
        return new PrimaryKeepalive(new Lsn(payload.readLong()), payload.readLong(), payload.readByte() != 0);
    }

    /** Writes the {@value #XLOG_DATA_HEADER} bytes before the WAL; the WAL itself follows by the caller's hand. */
    public static void writeXLogDataHeader(ByteBuf out, Lsn start, Lsn walEnd, long sendTime) {
        out.writeByte('w');
        out.writeLong(start.value());
        out.writeLong(walEnd.value());
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
