package io.walrelay.proxy.walsender;

import io.walrelay.proxy.config.WalSendAfter;
import io.walrelay.proxy.wal.WalSegment;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.WalSegmentSize;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** What a sender would send, without a socket. */
public final class SimulatedSender {
    private final WalStore store;
    private final SendPosition position;
    private final Readiness readiness;
    private Lsn sent;

    /** @throws io.walrelay.wire.error.PgException as for START_REPLICATION */
    public SimulatedSender(WalStore store, TimelineId timeline, Lsn start) {
        this.store = store;
        this.position = SendPosition.of(store, () -> WalSendAfter.WRITE, Optional.of(timeline), start);
        this.readiness = new Readiness(store, position, () -> {});
        this.sent = start;
    }

    public TimelineId timeline() {
        return position.timeline();
    }

    /** Up to where WAL was sent. */
    public Lsn sent() {
        return sent;
    }

    /** Up to where WAL may be sent. */
    public Lsn limit() {
        return position.limit();
    }

    /** What comes after the timeline, if all of it was sent. */
    public Optional<SendPosition.Historic> ended() {
        return sent.isBefore(position.limit()) ? Optional.empty() : position.historic();
    }

    /** Whether the client has to begin anew: WAL that it was sent has been taken back. */
    public boolean isTakenBack() {
        return position.isReplacedBefore(sent.value());
    }

    /**
     * The next piece, of at most that many bytes; empty while what comes next is damaged.
     *
     * @throws io.walrelay.wire.error.PgException if it is damaged and could not be fetched again
     * @throws java.nio.file.NoSuchFileException if the segment is not here any more
     */
    public byte[] next(int atMost) throws IOException {
        WalSegmentSize size = store.directory().segmentSize();
        long room = Math.min(atMost, size.bytes() - (long) size.offset(sent));
        Lsn limit = new Lsn(readiness.end(sent.value(), position.limitValue()));
        int length = limit.isAfter(sent) ? (int) Math.min(room, limit.minus(sent)) : 0;
        byte[] wal = new byte[length];
        if (length > 0) {
            WalSegment segment = store.directory().openToRead(position.fileOf(sent.value()));
            try {
                int read = segment.file().read(size.offset(sent), ByteBuffer.wrap(wal));
                if (read < length) {
                    throw new IOException("read " + read + " of " + length + " bytes at " + sent);
                }
            } finally {
                segment.release();
            }
            sent = sent.plus(length);
        }
        return wal;
    }
}
