package io.walrelay.proxy;

import io.walrelay.proxy.cluster.Cluster;
import io.walrelay.proxy.console.state.RelayState;
import io.walrelay.proxy.metrics.Figures;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.proxy.walsender.SyncStatus;
import io.walrelay.replication.Lsn;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/** The relay's parts, as the metrics see them: what the console sees, and what is counted. Any thread. */
final class LiveFigures implements Supplier<Figures> {
    private final RelayState relay;
    private final Cluster cluster;
    private final StandIn standIn;
    private final LongAdder received = new LongAdder();

    /** Counts from now on. */
    LiveFigures(RelayState relay, Cluster cluster, StandIn standIn) {
        this.relay = relay;
        this.cluster = cluster;
        this.standIn = standIn;
        cluster.firstKnown().thenAccept(known -> count(known.wal()));
    }

    private void count(WalStore wal) {
        Lsn[] counted = {wal.end().written()};
        wal.onWritten(() -> {
            Lsn now = wal.end().written();
            // It goes back where WAL is fetched anew, or another timeline is followed from an earlier point on.
            if (now.isAfter(counted[0])) {
                received.add(now.minus(counted[0]));
            }
            counted[0] = now;
        });
    }

    @Override
    public Figures get() {
        return new Figures(
                Objects.requireNonNullElse(LiveFigures.class.getPackage().getImplementationVersion(), "unknown"),
                relay.started(),
                relay.wal(),
                relay.receiver(),
                relay.senders(),
                relay.backends(),
                relay.slots(),
                relay.disk(),
                synchronous(),
                received.sum(),
                standIn.senders().sentBytes());
    }

    private Optional<Figures.Synchronous> synchronous() {
        return cluster.known().map(known -> {
            SyncStatus status = standIn.replication(known.wal()).status();
            return new Figures.Synchronous(
                    status.state().title(),
                    status.degradations(),
                    status.confirmed().flush(),
                    status.reported().write(),
                    status.reported().flush(),
                    status.reported().apply());
        });
    }
}
