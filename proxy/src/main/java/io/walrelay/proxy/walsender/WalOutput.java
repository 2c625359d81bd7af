package io.walrelay.proxy.walsender;

import io.netty.channel.Channel;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import java.util.function.LongSupplier;

/**
 * What goes out on one stream: takes the WAL piece by piece from the files, as far as the client may have it and the
 * socket takes it. On the sender's loop, {@link #sent} excepted. Mirrors {@code XLogSendPhysical} of PostgreSQL's
 * {@code walsender.c}.
 */
final class WalOutput implements AutoCloseable {
    /**
     * PostgreSQL's {@code MAX_SEND_SIZE}: the most WAL in one message. A message may end in the midst of a record only
     * at the end of a WAL page, for standbys replay what they have; here those that are full end at multiples of this,
     * so that senders that began at different places come to the same ones.
     */
    private static final int MAX_SEND = 16 * 8192;

    private final Channel channel;
    private final WalStore wal;
    private final SendPosition position;
    private final SenderEntry entry;
    private final SenderReports reports;
    private final WalChunks chunks;
    private final Readiness readiness;
    private volatile long sent;

    WalOutput(
            Channel channel,
            WalStore wal,
            SharedReads reads,
            SendPosition position,
            Lsn start,
            SenderEntry entry,
            SenderReports reports,
            LongSupplier clock) {
        this.channel = channel;
        this.wal = wal;
        this.position = position;
        this.sent = start.value();
        this.entry = entry;
        this.reports = reports;
        this.chunks = new WalChunks(channel, wal, reads, clock);
        this.readiness = new Readiness(wal, position, chunks::close);
    }

    /** Up to where WAL has been sent; any thread. */
    Lsn sent() {
        return new Lsn(sent);
    }

    /** The value of {@link #sent()}, for who asks for each message. */
    long sentValue() {
        return sent;
    }

    /**
     * Whether all has been sent that this client may be sent: less than there is while others have to have it first.
     */
    boolean hasSentAll() {
        return Long.compareUnsigned(sent, limit()) >= 0;
    }

    private long limit() {
        return entry.limit(position.limitValue());
    }

    /**
     * Writes as much as there is and as the channel takes, without a flush.
     *
     * @throws io.walrelay.wire.error.PgException if WAL is not here any more, or cannot be read; what was written
     *     before stays written
     */
    void write() {
        long limit = limit();
        reports.available(limit);
        long from = sent;
        long ready = readiness.end(from, limit);
        while (Long.compareUnsigned(from, ready) < 0 && channel.isWritable()) {
            long to = endOfNext(from, ready);
            chunks.write(position.fileOf(from), from, (int) (to - from), limit);
            from = to;
            sent = to;
            entry.sent(to);
            limit = limit();
            reports.available(limit);
            ready = readiness.end(from, limit);
        }
    }

    private long endOfNext(long from, long limit) {
        long room = (long) wal.directory().segmentSize().bytes()
                - wal.directory().segmentSize().offset(from);
        long length = Math.min(limit - from, room);
        return length <= MAX_SEND ? from + length : (from + MAX_SEND) & -MAX_SEND;
    }

    @Override
    public void close() {
        chunks.close();
    }
}
