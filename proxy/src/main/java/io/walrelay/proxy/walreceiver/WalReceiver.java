package io.walrelay.proxy.walreceiver;

import io.netty.channel.EventLoop;
import io.walrelay.proxy.cluster.Cluster;
import io.walrelay.proxy.cluster.MirroredServer;
import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.ConnectionInfo;
import io.walrelay.proxy.config.RecoveryTargetTimeline;
import io.walrelay.proxy.config.Settings;
import io.walrelay.proxy.upstream.ReplicationConnection;
import io.walrelay.proxy.upstream.UpstreamConnector;
import io.walrelay.proxy.upstream.UpstreamLogin;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.io.IOException;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The upstream side: keeps a replication connection to the upstream, and streams from where the WAL here ends; tries
 * again for ever. Everything runs on the one upstream loop, which serves nothing else. Mirrors {@code WalReceiverMain}.
 */
public final class WalReceiver {
    private static final Logger log = LoggerFactory.getLogger(WalReceiver.class);

    private final EventLoop loop;
    private final UpstreamConnector connector;
    private final Supplier<Configuration> configuration;
    private final Cluster cluster;
    private final Runnable makeRoom;
    private final Clock clock;
    private final AtomicBoolean flushNoted = new AtomicBoolean();

    private WalReceiverState state = new WalReceiverState.Stopped();
    private volatile WalReceiverState shown = state;

    /** What the log has been told that it waits for. */
    private String waitingFor = "";

    /** Which of the hosts in primary_conninfo is tried first. */
    private int firstHost;

    /** Counts the transitions: what was begun in one state is not taken up again in another. */
    private long transitions;

    /**
     * A receiver that has not begun.
     *
     * @param loop the upstream loop: it also owns the WAL writer
     * @param makeRoom told when receiving waits for room on the disk
     */
    public WalReceiver(
            EventLoop loop,
            UpstreamConnector connector,
            Supplier<Configuration> configuration,
            Cluster cluster,
            Runnable makeRoom,
            Clock clock) {
        this.makeRoom = makeRoom;
        this.loop = loop;
        this.connector = connector;
        this.configuration = configuration;
        this.cluster = cluster;
        this.clock = clock;
        cluster.known().ifPresent(known -> reportFlushesOf(known.wal()));
    }

    /** What it is doing, for anybody to look at. */
    public WalReceiverState state() {
        return shown;
    }

    /** Which of the hosts in primary_conninfo WAL is streamed from, or the first while none is; for any thread. */
    public int streamingHost() {
        return shown instanceof WalReceiverState.Streaming streaming
                ? streaming.connection().login().hostIndex()
                : 0;
    }

    /** Begins to connect. */
    public void start() {
        loop.execute(this::attempt);
    }

    /** The settings have changed: another upstream or slot means another connection. */
    public void reconnect() {
        loop.execute(() -> {
            if (!(state instanceof WalReceiverState.Stopping)) {
                disconnect();
                firstHost = 0;
                transition(new WalReceiverState.Stopped(), "primary_conninfo or primary_slot_name has changed");
                attempt();
            }
        });
    }

    /**
     * Takes no more WAL, flushes what is here, and tells the upstream so before the connection is closed.
     *
     * @param flush closes the WAL store
     */
    public CompletableFuture<Void> stop(Runnable flush) {
        return CompletableFuture.runAsync(
                () -> {
                    WalReceiverState before = state;
                    transition(new WalReceiverState.Stopping(), "shutting down");
                    if (before instanceof WalReceiverState.Streaming streaming) {
                        streaming.receiver().finish();
                        flush.run();
                        streaming.receiver().farewell();
                    } else {
                        flush.run();
                    }
                    close(before);
                },
                loop);
    }

    private void transition(WalReceiverState next, String reason) {
        log.debug("walreceiver: {} -> {}: {}", state.title(), next.title(), reason);
        state = next;
        shown = next;
        transitions++;
    }

    /** Goes on, on the upstream loop, when {@code work} is done, if nothing else has happened meanwhile. */
    private <T> void thenUnlessLeft(
            CompletableFuture<T> work, String what, Consumer<? super T> then, Consumer<? super T> otherwise) {
        long begun = transitions;
        work.handleAsync(
                        (result, failure) -> {
                            if (transitions == begun && failure != null) {
                                retry(what, reason(failure));
                            } else if (failure == null && transitions == begun) {
                                then.accept(result);
                            } else if (failure == null) {
                                otherwise.accept(result);
                            }
                            return null;
                        },
                        loop)
                .exceptionally(defect -> {
                    retry(what, reason(defect));
                    return null;
                });
    }

    private void disconnect() {
        if (state instanceof WalReceiverState.Streaming streaming) {
            streaming.receiver().finish();
        }
        close(state);
    }

    private static void close(WalReceiverState from) {
        switch (from) {
            case WalReceiverState.Streaming streaming -> streaming.connection().close();
            case WalReceiverState.Waiting waiting -> waiting.connection().close();
            case WalReceiverState.Restarting restarting ->
                restarting.connection().close();
            case WalReceiverState.Stopped stopped -> {}
            case WalReceiverState.Starting starting -> {}
            case WalReceiverState.Stopping stopping -> {}
        }
    }

    private void attempt() {
        Optional<ConnectionInfo> info = configuration.get().get(Settings.PRIMARY_CONNINFO);
        if (info.isEmpty() || !(state instanceof WalReceiverState.Stopped)) {
            return;
        }
        transition(new WalReceiverState.Starting(), "connecting");
        String name = info.get().applicationName().orElseGet(this::defaultApplicationName);
        thenUnlessLeft(
                connector.connect(loop, info.get(), firstHost, name),
                "could not connect to the primary server",
                this::loggedIn,
                login -> login.channel().close());
    }

    private String defaultApplicationName() {
        String cluster = configuration.get().get(Settings.CLUSTER_NAME);
        return cluster.isEmpty() ? "walreceiver" : cluster;
    }

    private void loggedIn(UpstreamLogin login) {
        // Should this one turn out to be of no use, the next attempt begins with the one behind it.
        firstHost = login.hostIndex() + 1;
        ReplicationConnection connection = new ReplicationConnection(login);
        transition(new WalReceiverState.Restarting(connection), "logged in to " + login);
        onward(prepare(connection), () -> proceed(connection));
    }

    private void onward(CompletableFuture<Void> work, Runnable then) {
        thenUnlessLeft(work, "could not start WAL streaming", done -> then.run(), done -> {});
    }

    /** Learns who the upstream is, once a connection; founds the cluster where there is none yet. */
    private CompletableFuture<Void> prepare(ReplicationConnection connection) {
        UpstreamServer upstream = new UpstreamServer(connection);
        return upstream.identify()
                .thenCompose(identity -> upstream.describe().thenCompose(server -> {
                    // Before the slot: on another cluster it would hold WAL that nobody ever takes.
                    requireSameCluster(identity, server);
                    return ensureSlot(connection)
                            .thenCompose(restartLsn -> adopt(upstream, identity, server, restartLsn));
                }));
    }

    private void requireSameCluster(UpstreamIdentity identity, MirroredServer server) {
        try {
            new Founding(cluster, clock).requireSameCluster(identity, server);
        } catch (IOException e) {
            throw ioFailure(e);
        }
    }

    private CompletableFuture<Optional<Lsn>> ensureSlot(ReplicationConnection connection) {
        return UpstreamSlot.of(connection, configuration.get())
                .map(UpstreamSlot::ensure)
                .orElseGet(() -> CompletableFuture.completedFuture(Optional.empty()));
    }

    private CompletableFuture<Void> adopt(
            UpstreamServer upstream, UpstreamIdentity identity, MirroredServer server, Optional<Lsn> restartLsn) {
        try {
            if (cluster.known().isPresent()) {
                cluster.mirror(server);
                return CompletableFuture.completedFuture(null);
            }
        } catch (IOException e) {
            return CompletableFuture.failedFuture(ioFailure(e));
        }
        return new Founding(cluster, clock)
                .found(upstream, identity, server, restartLsn)
                .thenAccept(known -> reportFlushesOf(known.wal()));
    }

    /** A flush is made known on the flusher's thread; the report belongs to the upstream loop. */
    private void reportFlushesOf(WalStore wal) {
        wal.onFlushed(() -> {
            if (flushNoted.compareAndSet(false, true)) {
                loop.execute(() -> {
                    flushNoted.set(false);
                    if (state instanceof WalReceiverState.Streaming streaming) {
                        streaming.receiver().reportIfMoved();
                    }
                });
            }
        });
    }

    /** Finds the next thing to do on an idle connection, and does it. */
    private void proceed(ReplicationConnection connection) {
        transition(new WalReceiverState.Restarting(connection), "looking for the next position");
        UpstreamServer upstream = new UpstreamServer(connection);
        WalStore wal = cluster.known().orElseThrow().wal();
        onward(
                upstream.identify()
                        .thenCompose(identity -> upstream.history(identity.timeline())
                                .thenCompose(history -> take(
                                        TimelineStep.decide(
                                                wal.end().history(), wal.end().written(), history),
                                        connection,
                                        wal,
                                        identity))),
                () -> {});
    }

    private CompletableFuture<Void> take(
            TimelineStep step, ReplicationConnection connection, WalStore wal, UpstreamIdentity identity) {
        return switch (step) {
            case TimelineStep.Stream stream -> stream(connection, wal, identity);
            case TimelineStep.SwitchTo to -> switchTo(connection, wal, to.next(), to.switchPoint());
            case TimelineStep.Refuse refuse -> CompletableFuture.failedFuture(refuse.reason());
        };
    }

    private CompletableFuture<Void> switchTo(
            ReplicationConnection connection, WalStore wal, TimelineId next, Lsn switchPoint) {
        TimelineId old = wal.end().history().timeline();
        if (!mayFollow(next)) {
            waitBeforeAsking(connection, "timeline " + next + " of the upstream is not followed");
            return CompletableFuture.completedFuture(null);
        }
        return new UpstreamServer(connection).history(next).thenAccept(history -> {
            Lsn end = wal.end().written();
            try {
                wal.switchTimeline(history);
            } catch (IOException e) {
                throw ioFailure(e);
            }
            log.info("new target timeline is {}, it begins where timeline {} ended, at {}", next, old, switchPoint);
            if (end.isAfter(switchPoint)) {
                log.warn(
                        "WAL of timeline {} from {} to {} is not part of timeline {}; it is kept in the files of"
                                + " timeline {} and no longer offered",
                        old,
                        switchPoint,
                        end,
                        next,
                        old);
            }
            proceed(connection);
        });
    }

    private boolean mayFollow(TimelineId next) {
        return switch (configuration.get().get(Settings.RECOVERY_TARGET_TIMELINE)) {
            case RecoveryTargetTimeline.Latest latest -> true;
            case RecoveryTargetTimeline.Current current -> false;
            case RecoveryTargetTimeline.Target target ->
                Long.compareUnsigned(Integer.toUnsignedLong(next.value()), target.timeline()) <= 0;
        };
    }

    private CompletableFuture<Void> stream(ReplicationConnection connection, WalStore wal, UpstreamIdentity identity) {
        Optional<String> halt = haltReason(wal);
        if (halt.isPresent()) {
            makeRoom.run();
            waitBeforeAsking(connection, "receiving of WAL is halted: " + halt.get());
            return CompletableFuture.completedFuture(null);
        }
        TimelineId timeline = wal.end().history().timeline();
        Lsn start = wal.end().written();
        if (identity.timeline().equals(timeline) && start.isAfter(identity.position())) {
            return behind(
                    "start position " + start + " on timeline " + timeline
                            + " is ahead of the upstream server's flush position " + identity.position(),
                    connection);
        }
        StreamReceiver receiver = new StreamReceiver(
                connection.login().channel(), wal, configuration, clock, new StreamOutcome(connection, timeline));
        String slot = UpstreamSlot.of(connection, configuration.get())
                .map(UpstreamSlot::clause)
                .orElse("");
        long begun = transitions;
        return connection
                .startStream("START_REPLICATION " + slot + start + " TIMELINE " + timeline, receiver)
                .thenAccept(reply -> {
                    if (transitions != begun) {
                        receiver.finish();
                        return;
                    }
                    switch (reply) {
                        case ReplicationConnection.Reply.CopyBoth copyBoth -> {
                            transition(
                                    new WalReceiverState.Streaming(connection, receiver, timeline, start),
                                    "started streaming");
                            firstHost = connection.login().hostIndex();
                            waitingFor = "";
                            receiver.begin();
                            log.info("started streaming WAL from primary at {} on timeline {}", start, timeline);
                        }
                        // The timeline ends where we are: the upstream says which comes next, and so does its history.
                        case ReplicationConnection.Reply.Completed completed -> {
                            receiver.finish();
                            proceed(connection);
                        }
                    }
                })
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        receiver.finish();
                    }
                });
    }

    /** A host that is behind us may catch up; where there are others, they are tried first. */
    private CompletableFuture<Void> behind(String why, ReplicationConnection connection) {
        boolean others = configuration
                .get()
                .get(Settings.PRIMARY_CONNINFO)
                .filter(info -> info.hosts().size() > 1)
                .isPresent();
        if (others) {
            return CompletableFuture.failedFuture(PgException.error(SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE, why));
        }
        waitBeforeAsking(connection, why);
        return CompletableFuture.completedFuture(null);
    }

    private static Optional<String> haltReason(WalStore wal) {
        try {
            return wal.guard().refusal();
        } catch (IOException e) {
            return Optional.of("could not look at pg_wal: " + e.getMessage());
        }
    }

    private void waitBeforeAsking(ReplicationConnection connection, String why) {
        transition(new WalReceiverState.Waiting(connection), why);
        if (!why.equals(waitingFor)) {
            log.info("{}, waiting", why);
            waitingFor = why;
        }
        long begun = transitions;
        loop.schedule(
                () -> {
                    if (transitions == begun) {
                        proceed(connection);
                    }
                },
                retryInterval(),
                TimeUnit.MILLISECONDS);
    }

    /** What the end of a stream leads to. */
    private final class StreamOutcome implements StreamReceiver.Outcome {
        private final ReplicationConnection connection;
        private final TimelineId timeline;

        StreamOutcome(ReplicationConnection connection, TimelineId timeline) {
            this.connection = connection;
            this.timeline = timeline;
        }

        @Override
        public void endOfTimeline() {
            logEnd();
            transition(new WalReceiverState.Restarting(connection), "end of timeline " + timeline);
            onward(connection.endStream().thenAccept(result -> {}), () -> proceed(connection));
        }

        @Override
        public void endOfWal() {
            logEnd();
            retry("replication terminated by primary server", Optional.empty());
        }

        @Override
        public void failed(PgException reason) {
            retry("could not receive data from WAL stream", reason);
        }

        private void logEnd() {
            log.info(
                    "replication terminated by primary server\nDETAIL:  End of WAL reached on timeline {} at {}.",
                    timeline,
                    cluster.known().orElseThrow().wal().end().written());
        }
    }

    private void retry(String what, PgException why) {
        if (state instanceof WalReceiverState.Stopping) {
            return;
        }
        StringBuilder message = new StringBuilder(what).append(": ").append(why.message());
        why.detail().ifPresent(detail -> message.append("\nDETAIL:  ").append(detail));
        why.hint().ifPresent(hint -> message.append("\nHINT:  ").append(hint));
        log.error("{}", message);
        retry(what, Optional.of(why));
    }

    private void retry(String what, Optional<PgException> why) {
        disconnect();
        transition(new WalReceiverState.Stopped(), why.map(PgException::message).orElse(what));
        loop.schedule(this::attempt, retryInterval(), TimeUnit.MILLISECONDS);
    }

    private long retryInterval() {
        return configuration.get().get(Settings.WAL_RETRIEVE_RETRY_INTERVAL).toMillis();
    }

    private static PgException ioFailure(IOException e) {
        return PgException.error(SqlState.IO_ERROR, String.valueOf(e.getMessage()))
                .withCause(e);
    }

    private static PgException reason(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof PgException known) {
            return known;
        }
        log.error("unexpected failure", cause);
        return PgException.error(SqlState.INTERNAL_ERROR, cause.toString()).withCause(cause);
    }
}
