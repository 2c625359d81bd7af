package io.walrelay.proxy.walreceiver;

import io.walrelay.proxy.cluster.Cluster;
import io.walrelay.proxy.cluster.MirroredServer;
import io.walrelay.proxy.wal.ControlFile;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.WalSegmentSize;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.io.IOException;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What happens when an upstream has said who it is: a data directory takes to one cluster, and to no other. */
final class Founding {
    private static final Logger log = LoggerFactory.getLogger(Founding.class);

    private final Cluster cluster;
    private final Clock clock;

    Founding(Cluster cluster, Clock clock) {
        this.cluster = cluster;
        this.clock = clock;
    }

    /** @throws PgException if the data directory holds WAL of another cluster, or of another segment size */
    void requireSameCluster(UpstreamIdentity identity, MirroredServer server) throws IOException {
        Optional<ControlFile> control = cluster.control();
        if (control.isEmpty()) {
            return;
        }
        ControlFile ours = control.get();
        if (!ours.systemIdentifier().equals(identity.system())) {
            throw PgException.error(
                            SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                            "database system identifier differs between the primary and standby")
                    .withDetail("The primary's identifier is " + identity.system() + ", the standby's identifier is "
                            + ours.systemIdentifier() + ".")
                    .withHint(
                            "Correct primary_conninfo, or give the relay a new data_directory for the other cluster.");
        }
        WalSegmentSize size = segmentSize(server);
        if (!ours.segmentSize().equals(size)) {
            throw PgException.error(
                            SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                            "WAL segment size differs between the primary and standby")
                    .withDetail("The primary's is " + size + ", the standby's is " + ours.segmentSize() + ".");
        }
    }

    /**
     * Begins to keep the upstream's WAL: from the segment that holds the restart_lsn of our slot there, or else the
     * upstream's current position.
     */
    CompletableFuture<Cluster.Known> found(
            UpstreamServer upstream, UpstreamIdentity identity, MirroredServer server, Optional<Lsn> restartLsn) {
        WalSegmentSize size = segmentSize(server);
        Lsn start = size.segmentStart(restartLsn.orElse(identity.position()));
        Optional<TimelineId> stored;
        try {
            stored = cluster.newestStored(size, identity.system());
        } catch (IOException e) {
            return CompletableFuture.failedFuture(
                    PgException.error(SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE, String.valueOf(e.getMessage()))
                            .withHint("Give the relay a new data_directory for the other cluster."));
        }
        return upstream.history(identity.timeline()).thenCompose(newest -> {
            // The upstream keeps WAL from before it was promoted under the older timeline's names.
            TimelineId timeline = stored.orElseGet(() -> newest.timelineAt(start));
            return upstream.history(timeline).thenApply(history -> {
                ControlFile control =
                        new ControlFile(identity.system(), size, timeline, server.version(), clock.instant());
                try {
                    Cluster.Known known = cluster.found(control, server, history, start);
                    log.info(
                            "relaying cluster {} of PostgreSQL {}, WAL is kept from {} on timeline {}",
                            identity.system(),
                            server.version(),
                            start,
                            timeline);
                    return known;
                } catch (IOException e) {
                    throw PgException.error(SqlState.IO_ERROR, "could not create the WAL store: " + e.getMessage())
                            .withCause(e);
                }
            });
        });
    }

    private static WalSegmentSize segmentSize(MirroredServer server) {
        String text = server.setting("wal_segment_size")
                .orElseThrow(() -> PgException.protocolViolation("the upstream server does not show wal_segment_size"))
                .setting();
        try {
            return WalSegmentSize.parse(text);
        } catch (IllegalArgumentException e) {
            throw PgException.protocolViolation("WAL segment size of the upstream server could not be parsed: " + text)
                    .withCause(e);
        }
    }
}
