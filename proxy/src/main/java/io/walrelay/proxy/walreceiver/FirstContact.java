package io.walrelay.proxy.walreceiver;

import io.walrelay.proxy.cluster.Cluster;
import io.walrelay.proxy.cluster.MirroredServer;
import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.upstream.ReplicationConnection;
import io.walrelay.replication.Lsn;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.io.IOException;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What is done once on each connection: learns who the upstream is, makes sure of the slot there, and founds the
 * cluster where there is none yet. On the upstream loop.
 */
final class FirstContact {
    private final ReplicationConnection connection;
    private final UpstreamServer upstream;
    private final Cluster cluster;
    private final Founding founding;
    private final Configuration configuration;

    FirstContact(ReplicationConnection connection, Cluster cluster, Configuration configuration, Clock clock) {
        this.connection = connection;
        this.upstream = new UpstreamServer(connection);
        this.cluster = cluster;
        this.founding = new Founding(cluster, clock);
        this.configuration = configuration;
    }

    /** Fails with the reason why this upstream is of no use. */
    CompletableFuture<Cluster.Known> make() {
        return upstream.identify()
                .thenCompose(identity -> upstream.describe().thenCompose(server -> {
                    // Before the slot: on another cluster it would hold WAL that nobody ever takes.
                    requireSameCluster(identity, server);
                    return ensureSlot().thenCompose(restartLsn -> adopt(identity, server, restartLsn));
                }));
    }

    private void requireSameCluster(UpstreamIdentity identity, MirroredServer server) {
        try {
            founding.requireSameCluster(identity, server);
        } catch (IOException e) {
            throw ioFailure(e);
        }
    }

    private CompletableFuture<Optional<Lsn>> ensureSlot() {
        return UpstreamSlot.of(connection, configuration)
                .map(UpstreamSlot::ensure)
                .orElseGet(() -> CompletableFuture.completedFuture(Optional.empty()));
    }

    private CompletableFuture<Cluster.Known> adopt(
            UpstreamIdentity identity, MirroredServer server, Optional<Lsn> restartLsn) {
        Optional<Cluster.Known> known = cluster.known();
        if (known.isEmpty()) {
            return founding.found(upstream, identity, server, restartLsn);
        }
        try {
            cluster.mirror(server);
            return CompletableFuture.completedFuture(cluster.known().orElseThrow());
        } catch (IOException e) {
            return CompletableFuture.failedFuture(ioFailure(e));
        }
    }

    private static PgException ioFailure(IOException e) {
        return PgException.error(SqlState.IO_ERROR, String.valueOf(e.getMessage()))
                .withCause(e);
    }
}
