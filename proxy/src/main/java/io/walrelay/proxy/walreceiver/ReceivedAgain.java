package io.walrelay.proxy.walreceiver;

import io.netty.buffer.ByteBuf;
import io.walrelay.proxy.wal.WalSegment;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.WalSegmentSize;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * WAL that the upstream sends a second time, at the beginning of a stream: it must be what is here already. Two servers
 * that are copies of one cluster, both written to, have the same system identifier, timeline and history; nothing but
 * their WAL tells them apart. On the upstream loop; what is read again was written not long ago.
 */
final class ReceivedAgain {
    /** No more than this is asked for a second time, in bytes. */
    private static final int MOST = 16 << 20;

    private static final int PAGE = 8192;

    private final WalStore wal;
    private final TimelineId timeline;

    ReceivedAgain(WalStore wal) {
        this.wal = wal;
        this.timeline = wal.end().history().timeline();
    }

    /**
     * From where on to ask for WAL that ends here at {@code end}: the start of its segment, as a walreceiver does,
     * which an upstream that has what comes next has, too.
     */
    static Lsn from(Lsn end, WalSegmentSize size) {
        Lsn segment = size.segmentStart(end);
        long again = end.minus(segment);
        return again <= MOST ? segment : segment.plus((again - MOST) / PAGE * PAGE);
    }

    /**
     * Compares WAL with what is here. It ends where the WAL here ends, or before.
     *
     * @throws PgException 55000 if it is not the same
     */
    void compare(Lsn start, ByteBuf data) throws IOException {
        WalSegmentSize size = wal.directory().segmentSize();
        Lsn at = start;
        while (data.isReadable()) {
            int length = Math.min(data.readableBytes(), size.bytes() - size.offset(at));
            byte[] ours = read(at, length);
            byte[] theirs = new byte[length];
            data.readBytes(theirs);
            int difference = Arrays.mismatch(ours, theirs);
            if (difference >= 0) {
                throw diverged(at.plus(difference));
            }
            at = at.plus(length);
        }
    }

    private byte[] read(Lsn at, int length) throws IOException {
        WalSegmentSize size = wal.directory().segmentSize();
        WalSegment segment = wal.directory().openToRead(new WalFileName(timeline, size.segmentNumber(at)));
        try {
            byte[] bytes = new byte[length];
            int read = segment.file().read(size.offset(at), ByteBuffer.wrap(bytes));
            if (read < length) {
                throw new IOException("WAL segment " + segment.name().format(size) + " ends before " + at.plus(length));
            }
            return bytes;
        } finally {
            segment.release();
        }
    }

    private PgException diverged(Lsn at) {
        return PgException.error(
                        SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                        "WAL of timeline " + timeline + " at " + at
                                + " on the upstream server is not what was received before")
                .withDetail(
                        "The upstream server and the one that the WAL came from have gone different ways on the same"
                                + " timeline, or the WAL has been damaged here.")
                .withHint("Point primary_conninfo at the server that the WAL came from. If this is the one, restart the"
                        + " relay: it then checks its newest WAL and fetches damaged WAL anew.");
    }
}
