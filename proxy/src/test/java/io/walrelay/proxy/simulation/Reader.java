package io.walrelay.proxy.simulation;

import io.walrelay.proxy.wal.WalStore;
import io.walrelay.proxy.walsender.SimulatedSender;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.wire.error.PgException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A client that asks for all WAL that a relay has, from its oldest segment to its end; begins anew when that fails. */
final class Reader {
    private static final int PIECE = 128 * 1024;

    private final Run run;
    private @Nullable Lsn end;
    private Lsn at = Lsn.INVALID;

    Reader(Run run) {
        this.run = run;
    }

    boolean isDone() {
        return at.equals(end);
    }

    /** Reads on as far as there is something to be had. */
    void read(WalStore store) throws IOException {
        if (end == null) {
            end = store.end().flushed();
            at = store.oldest();
        }
        Lsn last = end;
        while (at.isBefore(last)) {
            Lsn before = at;
            try {
                readTimeline(store, store.end().history().timelineAt(at), last);
            } catch (PgException damaged) {
                return;
            }
            if (at.equals(before)) {
                return;
            }
        }
    }

    private void readTimeline(WalStore store, TimelineId timeline, Lsn last) throws IOException {
        SimulatedSender sender = new SimulatedSender(store, timeline, at);
        while (at.isBefore(last)) {
            byte[] wal = sender.next((int) Math.min(PIECE, last.minus(at)));
            if (wal.length == 0) {
                return;
            }
            run.received(timeline, at, wal);
            at = sender.sent();
        }
    }
}
