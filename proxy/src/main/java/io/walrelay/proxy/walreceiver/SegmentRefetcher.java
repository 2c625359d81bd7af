package io.walrelay.proxy.walreceiver;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.walrelay.proxy.cluster.Cluster;
import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.ConnectionInfo;
import io.walrelay.proxy.config.Settings;
import io.walrelay.proxy.upstream.ReplicationConnection;
import io.walrelay.proxy.upstream.UpstreamConnector;
import io.walrelay.proxy.upstream.UpstreamLogin;
import io.walrelay.proxy.wal.SegmentReplacement;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.wal.WalFormatException;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.io.IOException;
import java.time.Clock;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches damaged segments again from the upstream, one at a time, each over a connection of its own and without a
 * slot; tries again for as long as they are damaged and here. On a loop that serves nothing else, since it writes and
 * fsyncs.
 */
public final class SegmentRefetcher {
    private static final Logger log = LoggerFactory.getLogger(SegmentRefetcher.class);

    /** The pause between two attempts grows with each, up to this many {@code wal_retrieve_retry_interval}. */
    private static final int LONGEST_PAUSE = 12;

    private final EventLoop loop;
    private final UpstreamConnector connector;
    private final Supplier<Configuration> configuration;
    private final Cluster cluster;
    private final IntSupplier host;
    private final Clock clock;
    private final Map<WalFileName, Attempts> attempts = new HashMap<>();
    private State state = new State.Idle();

    private sealed interface State {
        record Idle() implements State {}

        /** Until the next attempt is due. */
        record Pausing(ScheduledFuture<?> timer) implements State {}

        record Fetching(WalFileName name) implements State {}

        record Stopped() implements State {}
    }

    /** @param last when the last of them ended, by {@link System#nanoTime} */
    private record Attempts(int count, long last) {}

    /**
     * A refetcher that does nothing before {@link #start}.
     *
     * @param loop its own
     * @param host which of the hosts in primary_conninfo is tried first
     */
    public SegmentRefetcher(
            EventLoop loop,
            UpstreamConnector connector,
            Supplier<Configuration> configuration,
            Cluster cluster,
            IntSupplier host,
            Clock clock) {
        this.loop = loop;
        this.connector = connector;
        this.configuration = configuration;
        this.cluster = cluster;
        this.host = host;
        this.clock = clock;
    }

    /** Begins to look after what is found damaged. */
    public void start() {
        cluster.firstKnown().thenAccept(known -> {
            WalStore wal = known.wal();
            wal.integrity().onChange(() -> {
                if (!wal.integrity().damaged().isEmpty()) {
                    wake(wal);
                }
            });
            wake(wal);
        });
    }

    private void wake(WalStore wal) {
        if (!loop.isShuttingDown()) {
            loop.execute(() -> next(wal));
        }
    }

    /** Begins no attempt any more. */
    public CompletableFuture<Void> stop() {
        return CompletableFuture.runAsync(() -> state = new State.Stopped(), loop);
    }

    private void next(WalStore wal) {
        switch (state) {
            case State.Idle idle -> {}
            case State.Pausing pausing -> pausing.timer().cancel(false);
            case State.Fetching fetching -> {
                return;
            }
            case State.Stopped stopped -> {
                return;
            }
        }
        state = new State.Idle();
        List<WalFileName> damaged = wal.integrity().damaged();
        // Those that are being checked, having been replaced, may turn out to be damaged still.
        attempts.keySet().removeIf(name -> wal.integrity().isMended(name));
        Optional<WalFileName> soonest = damaged.stream().min(Comparator.comparingLong(this::pause));
        if (soonest.isEmpty()) {
            return;
        }
        long pause = pause(soonest.get());
        if (pause > 0) {
            state = new State.Pausing(loop.schedule(() -> next(wal), pause, TimeUnit.NANOSECONDS));
            return;
        }
        fetch(wal, soonest.get());
    }

    /** Nanoseconds until it may be tried again; zero or less if that is now. */
    private long pause(WalFileName name) {
        Attempts before = attempts.get(name);
        if (before == null) {
            return 0;
        }
        long interval =
                configuration.get().get(Settings.WAL_RETRIEVE_RETRY_INTERVAL).toNanos();
        return before.last() + Math.min(before.count(), LONGEST_PAUSE) * interval - System.nanoTime();
    }

    private void fetch(WalStore wal, WalFileName name) {
        state = new State.Fetching(name);
        connect()
                .thenCompose(login -> fetch(login, wal, name))
                .handleAsync(
                        (done, failure) -> {
                            ended(wal, name, Optional.ofNullable(failure));
                            return null;
                        },
                        loop)
                .exceptionally(defect -> {
                    log.error("unexpected failure", defect);
                    return null;
                });
    }

    private CompletableFuture<UpstreamLogin> connect() {
        Optional<ConnectionInfo> info = configuration.get().get(Settings.PRIMARY_CONNINFO);
        if (info.isEmpty()) {
            return CompletableFuture.failedFuture(
                    PgException.error(SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE, "primary_conninfo is not set"));
        }
        // Not the walreceiver's name: this is not what synchronous_standby_names waits for.
        return connector.connect(loop, info.get(), host.getAsInt(), "walrelay refetch");
    }

    private CompletableFuture<Void> fetch(UpstreamLogin login, WalStore wal, WalFileName name) {
        ReplicationConnection connection = new ReplicationConnection(login);
        UpstreamServer upstream = new UpstreamServer(connection);
        return upstream.identify()
                .thenCompose(identity -> {
                    requireSameSystem(identity, wal);
                    return upstream.history(identity.timeline());
                })
                .thenCompose(history -> {
                    if (TimelineStep.decide(wal.end().history(), wal.end().written(), history)
                            instanceof TimelineStep.Refuse refuse) {
                        throw refuse.reason();
                    }
                    return stream(connection, wal, name);
                })
                .whenComplete((done, failure) -> connection.close());
    }

    private static void requireSameSystem(UpstreamIdentity identity, WalStore wal) {
        if (!identity.system().equals(wal.control().systemIdentifier())) {
            throw PgException.error(
                            SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                            "database system identifier differs between the primary and standby")
                    .withDetail("The primary's identifier is " + identity.system() + ", the standby's identifier is "
                            + wal.control().systemIdentifier() + ".");
        }
    }

    private CompletableFuture<Void> stream(ReplicationConnection connection, WalStore wal, WalFileName name) {
        SegmentReplacement segment;
        try {
            segment = wal.integrity().replace(name);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
        SegmentStream stream = new SegmentStream(
                connection.login().channel(), segment, configuration.get().get(Settings.WAL_RECEIVER_TIMEOUT), clock);
        return connection
                .startStream("START_REPLICATION " + segment.received() + " TIMELINE " + name.timeline(), stream)
                .whenComplete((reply, failure) -> {
                    if (failure != null) {
                        stream.failed(reason(failure));
                    } else if (reply instanceof ReplicationConnection.Reply.Completed) {
                        stream.endOfTimeline();
                    }
                })
                .thenCompose(reply -> stream.complete())
                .thenAccept(done -> install(segment))
                .whenComplete((done, failure) -> close(segment));
    }

    private static void install(SegmentReplacement segment) {
        try {
            segment.install();
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }

    private static void close(SegmentReplacement segment) {
        try {
            segment.close();
        } catch (IOException e) {
            log.warn("could not remove a temporary WAL file: {}", e.getMessage());
        }
    }

    private void ended(WalStore wal, WalFileName name, Optional<Throwable> failure) {
        Attempts before = attempts.getOrDefault(name, new Attempts(0, 0));
        attempts.put(name, new Attempts(before.count() + 1, System.nanoTime()));
        if (!(state instanceof State.Stopped)) {
            state = new State.Idle();
        }
        if (failure.isEmpty()) {
            wal.integrity().replaced(name);
        } else {
            wal.integrity().refetchFailed(name, reason(failure.get()).message());
        }
        next(wal);
    }

    private static PgException reason(Throwable failure) {
        return switch (PgException.unwrapped(failure)) {
            case PgException known -> known;
            case WalFormatException invalid ->
                PgException.error(
                        SqlState.DATA_CORRUPTED, "invalid WAL received from upstream server: " + invalid.message());
            case IOException io -> PgException.error(SqlState.IO_ERROR, String.valueOf(io.getMessage()));
            case Throwable other -> PgException.of(other, defect -> log.error("unexpected failure", defect));
        };
    }
}
