package io.walrelay.proxy.walsender;

import io.netty.channel.Channel;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import java.time.Clock;

/**
 * What goes out on one stream: takes the WAL piece by piece from the files, as far as the client may have it and the
 * socket takes it. On the sender's loop, {@link #sent} excepted. Mirrors {@code XLogSendPhysical} of PostgreSQL's
 * {@code walsender.c}.
 */
final class WalOutput implements AutoCloseable {
    /**
     * PostgreSQL's {@code MAX_SEND_SIZE}: the most WAL in one message. A message may end in the midst of a record only at
     * the end of a WAL page, for standbys replay what they have; here those that are full end at multiples of this, so that
     * senders that began at different places come to the same ones.
     */
    private static final int MAX_SEND = 16 * 8192;

    private final Channel channel;
    private final WalStore wal;
    private final SendPosition position;
    private final SenderEntry entry;
    private final SenderReports reports;
    private final WalChunks chunks;
    private final Readiness readiness;
    private volatile Lsn sent;

    WalOutput(
            Channel channel,
            WalStore wal,
            SharedReads reads,
            SendPosition position,
            Lsn start,
            SenderEntry entry,
            SenderReports reports,
            Clock clock) {
        this.channel = channel;
        this.wal = wal;
        this.position = position;
        this.sent = start;
        this.entry = entry;
        this.reports = reports;
        this.chunks = new WalChunks(channel, wal, reads, clock);
        this.readiness = new Readiness(wal, position, chunks::close);
    }

    /** Up to where WAL has been sent; any thread. */
    Lsn sent() {
        return sent;
    }

    /** Up to where this client may be sent WAL: less than there is while others have to have it first. */
    Lsn limit() {
        return entry.limit(position.limit());
    }

    /**
     * Writes as much as there is and as the channel takes, without a flush.
     *
     * @throws io.walrelay.wire.error.PgException if WAL is not here any more, or cannot be read; what was written before
     *     stays written
     */
    void write() {
        Lsn limit = limit();
        reports.available(limit);
        Lsn ready = readiness.end(sent, limit);
        while (sent.isBefore(ready) && channel.isWritable()) {
            Lsn to = endOfNext(ready);
            chunks.write(position.fileOf(sent), sent, to, limit);
            sent = to;
            entry.sent(to);
            limit = limit();
            reports.available(limit);
            ready = readiness.end(sent, limit);
        }
    }

    private Lsn endOfNext(Lsn limit) {
        long room = (long) wal.directory().segmentSize().bytes()
                - wal.directory().segmentSize().offset(sent);
        long length = Math.min(limit.minus(sent), room);
        if (length <= MAX_SEND) {
            return length == limit.minus(sent) ? limit : sent.plus(length);
        }
        Lsn furthest = sent.plus(MAX_SEND);
        return furthest.plus(-(furthest.value() & (MAX_SEND - 1)));
    }

    @Override
    public void close() {
        chunks.close();
    }
}
