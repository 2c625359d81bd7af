package io.walrelay.proxy.walreceiver;

import io.netty.channel.EventLoop;
import io.walrelay.proxy.cluster.Cluster;
import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.ConnectionInfo;
import io.walrelay.proxy.config.Settings;
import io.walrelay.proxy.upstream.ReplicationConnection;
import io.walrelay.proxy.upstream.UpstreamConnector;
import io.walrelay.proxy.upstream.UpstreamLogin;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import io.walrelay.wire.compression.CompressionOption;
import io.walrelay.wire.compression.ZstdLibrary;
import io.walrelay.wire.error.PgException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The upstream side: keeps a replication connection to the upstream, and streams from where the WAL here ends; tries
 * again for ever. This is the life cycle, the machine whose states are {@link WalReceiverState}; what is asked and decided
 * between two streams is {@link FirstContact}'s and {@link IdleConnection}'s, a stream is {@link StreamReceiver}'s.
 * Everything runs on the one upstream loop, which serves nothing else. Mirrors {@code WalReceiverMain}.
 */
public final class WalReceiver {
    private static final Logger log = LoggerFactory.getLogger(WalReceiver.class);

    private final EventLoop loop;
    private final UpstreamConnector connector;
    private final Supplier<Configuration> configuration;
    private final Cluster cluster;
    private final StandbySource source;
    private final Runnable makeRoom;
    private final Clock clock;
    private final AtomicBoolean moveNoted = new AtomicBoolean();

    private final CurrentState state;

    /** The last stream of this connection. */
    private volatile Optional<WalReceiverState.Streaming> lastStream = Optional.empty();

    /** The stream that this connection was last asked for: if the next would be the same, it has brought nothing. */
    private Optional<IdleConnection.Next.Stream> asked = Optional.empty();

    /** What the log has been told that it waits for. */
    private String waitingFor = "";

    /** Which of the hosts in primary_conninfo is tried first. */
    private int firstHost;

    /**
     * A receiver that has not begun.
     *
     * @param loop the upstream loop: it also owns the WAL writer
     * @param source what the upstream is told
     * @param makeRoom told when receiving waits for room on the disk
     */
    public WalReceiver(
            EventLoop loop,
            UpstreamConnector connector,
            Supplier<Configuration> configuration,
            Cluster cluster,
            StandbySource source,
            Runnable makeRoom,
            Clock clock) {
        this.loop = loop;
        this.connector = connector;
        this.configuration = configuration;
        this.cluster = cluster;
        this.source = source;
        this.makeRoom = makeRoom;
        this.clock = clock;
        this.state = new CurrentState(loop);
        cluster.firstKnown().thenAccept(known -> known.wal().onFlushed(this::positionsMoved));
    }

    /** What it is doing, for anybody to look at. */
    public WalReceiverState state() {
        return state.get();
    }

    /** What {@code pg_stat_wal_receiver} shows; empty while there is no connection to an upstream. Any thread. */
    public Optional<WalReceiverStatus> status() {
        WalReceiverState now = state.get();
        return now.connected()
                .flatMap(connection -> cluster.known()
                        .map(known -> WalReceiverStatus.of(
                                now.title(), connection, lastStream, known.wal(), configuration.get())));
    }

    /** What PostgreSQL's process list shows of a walreceiver: {@code walreceiver streaming 0/3000060}. Any thread. */
    public String title() {
        WalReceiverState now = state.get();
        String position = now.connected()
                .flatMap(connection -> cluster.known())
                .map(known -> " " + known.wal().end().written())
                .orElse("");
        return "walreceiver " + now.title() + position;
    }

    /** Which of the hosts in primary_conninfo WAL is streamed from, or was until the pause; the first otherwise. Any thread. */
    public int streamingHost() {
        return switch (state.get()) {
            case WalReceiverState.Streaming streaming ->
                streaming.connection().login().hostIndex();
            case WalReceiverState.Pausing pausing ->
                pausing.connection().login().hostIndex();
            case WalReceiverState.Paused paused ->
                paused.connection().map(kept -> kept.login().hostIndex()).orElse(0);
            case WalReceiverState.Stopped stopped -> 0;
            case WalReceiverState.Starting starting -> 0;
            case WalReceiverState.Waiting waiting -> 0;
            case WalReceiverState.Restarting restarting -> 0;
            case WalReceiverState.Stopping stopping -> 0;
        };
    }

    /** Begins to connect. */
    public void start() {
        loop.execute(this::attempt);
    }

    /** The settings have changed: another upstream or slot means another connection. */
    public void reconnect() {
        loop.execute(() -> {
            String why = "primary_conninfo or primary_slot_name has changed";
            switch (state.get()) {
                case WalReceiverState.Stopping stopping -> {}
                case WalReceiverState.Pausing pausing -> pauseWithout(why);
                case WalReceiverState.Paused paused -> pauseWithout(why);
                case WalReceiverState.Stopped stopped -> beginAnew(why);
                case WalReceiverState.Starting starting -> beginAnew(why);
                case WalReceiverState.Streaming streaming -> beginAnew(why);
                case WalReceiverState.Waiting waiting -> beginAnew(why);
                case WalReceiverState.Restarting restarting -> beginAnew(why);
            }
        });
    }

    private void beginAnew(String why) {
        disconnect();
        firstHost = 0;
        state.enter(new WalReceiverState.Stopped(), why);
        attempt();
    }

    private void pauseWithout(String why) {
        disconnect();
        firstHost = 0;
        state.enter(new WalReceiverState.Paused(Optional.empty()), why);
    }

    /** Whether it receives nothing, or is about to, because it was told so; any thread. */
    public boolean isPaused() {
        WalReceiverState now = state.get();
        return now instanceof WalReceiverState.Pausing || now instanceof WalReceiverState.Paused;
    }

    /** Receives nothing until {@link #resume}. Any thread; false if it was told so before, or stops. */
    public CompletableFuture<Boolean> pause() {
        return CompletableFuture.supplyAsync(
                () -> {
                    String why = "told to pause";
                    switch (state.get()) {
                        case WalReceiverState.Stopping stopping -> {
                            return false;
                        }
                        case WalReceiverState.Pausing pausing -> {
                            return false;
                        }
                        case WalReceiverState.Paused paused -> {
                            return false;
                        }
                        case WalReceiverState.Streaming streaming -> {
                            streaming.receiver().finish();
                            WalReceiverState.Pausing pausing =
                                    new WalReceiverState.Pausing(streaming.connection(), streaming.receiver());
                            state.enter(pausing, why);
                            endStreamIfFlushed(pausing);
                        }
                        case WalReceiverState.Waiting waiting ->
                            paused(new WalReceiverState.Paused(Optional.of(waiting.connection())), why);
                        // The answer to what was asked is not waited for.
                        case WalReceiverState.Restarting restarting -> pausedWithout(why);
                        case WalReceiverState.Starting starting -> pausedWithout(why);
                        case WalReceiverState.Stopped stopped -> pausedWithout(why);
                    }
                    return true;
                },
                loop);
    }

    private void pausedWithout(String why) {
        disconnect();
        paused(new WalReceiverState.Paused(Optional.empty()), why);
    }

    private void paused(WalReceiverState.Paused paused, String why) {
        state.enter(paused, why);
        log.info(
                "receiving of WAL is paused at {}",
                cluster.known().map(known -> known.wal().end().written()).orElse(Lsn.INVALID));
    }

    /** What came before the pause is acknowledged in it: commits may wait for it. */
    private void endStreamIfFlushed(WalReceiverState.Pausing pausing) {
        if (!pausing.receiver().hasFlushed()) {
            return;
        }
        pausing.receiver().farewell();
        CurrentState.Task task = state.begin();
        task.when(
                pausing.connection().endStream(),
                ended -> paused(new WalReceiverState.Paused(Optional.of(pausing.connection())), "the stream has ended"),
                left -> {},
                failure -> pausedWithout(reason(failure).message()));
    }

    /** Goes on receiving. Any thread; false if it was not paused. */
    public CompletableFuture<Boolean> resume() {
        return CompletableFuture.supplyAsync(
                () -> {
                    if (!isPaused()) {
                        return false;
                    }
                    log.info("receiving of WAL is resumed");
                    asked = Optional.empty();
                    waitingFor = "";
                    Optional<ReplicationConnection> kept = state.get() instanceof WalReceiverState.Paused
                            ? state.get().connected()
                            : Optional.empty();
                    if (kept.isPresent()) {
                        proceed(kept.get(), cluster.known().orElseThrow().wal());
                    } else {
                        disconnect();
                        state.enter(new WalReceiverState.Stopped(), "told to go on");
                        attempt();
                    }
                    return true;
                },
                loop);
    }

    /** The positions to be reported may have moved. Any thread; many calls lead to one report. */
    public void positionsMoved() {
        if (moveNoted.compareAndSet(false, true)) {
            loop.execute(() -> {
                moveNoted.set(false);
                if (state.get() instanceof WalReceiverState.Streaming streaming) {
                    streaming.receiver().reportIfMoved();
                } else if (state.get() instanceof WalReceiverState.Pausing pausing) {
                    endStreamIfFlushed(pausing);
                }
            });
        }
    }

    /**
     * Takes no more WAL, flushes what is here, and tells the upstream so before the connection is closed.
     *
     * @param flush closes the WAL store
     */
    public CompletableFuture<Void> stop(Runnable flush) {
        return CompletableFuture.runAsync(
                () -> {
                    WalReceiverState before = state.get();
                    state.enter(new WalReceiverState.Stopping(), "shutting down");
                    if (before instanceof WalReceiverState.Streaming streaming) {
                        streaming.receiver().finish();
                        flush.run();
                        streaming.receiver().farewell();
                    } else {
                        flush.run();
                    }
                    before.connected().ifPresent(ReplicationConnection::close);
                },
                loop);
    }

    private static PgException reason(Throwable failure) {
        return PgException.of(failure, defect -> log.error("unexpected failure", defect));
    }

    private void attempt() {
        Optional<ConnectionInfo> info = configuration.get().get(Settings.PRIMARY_CONNINFO);
        if (info.isEmpty() || !(state.get() instanceof WalReceiverState.Stopped)) {
            return;
        }
        state.enter(new WalReceiverState.Starting(), "connecting");
        String name = info.get().applicationName().orElseGet(this::defaultApplicationName);
        state.begin()
                .when(
                        connector.connect(loop, info.get(), firstHost, name, compression()),
                        this::loggedIn,
                        login -> login.channel().close(),
                        this::refused);
    }

    private Optional<CompressionOption> compression() {
        Configuration current = configuration.get();
        int level = current.get(Settings.WAL_RECEIVER_COMPRESSION_LEVEL);
        return switch (current.get(Settings.WAL_RECEIVER_COMPRESSION)) {
            case OFF -> Optional.empty();
            case ZSTD -> {
                Optional<String> problem = ZstdLibrary.problem();
                problem.ifPresent(why -> log.warn("wal_receiver_compression is of no effect: {}", why));
                yield problem.isPresent()
                        ? Optional.empty()
                        : Optional.of(new CompressionOption(level == 0 ? OptionalInt.empty() : OptionalInt.of(level)));
            }
        };
    }

    private void refused(Throwable failure) {
        // A server that refuses us ends an attempt, as in libpq; the next one asks another host first.
        firstHost++;
        retry("could not connect to the primary server", reason(failure));
    }

    private String defaultApplicationName() {
        String cluster = configuration.get().get(Settings.CLUSTER_NAME);
        return cluster.isEmpty() ? "walreceiver" : cluster;
    }

    private void loggedIn(UpstreamLogin login) {
        // Should this one turn out to be of no use, the next attempt begins with the one behind it.
        firstHost = login.hostIndex() + 1;
        lastStream = Optional.empty();
        asked = Optional.empty();
        ReplicationConnection connection = new ReplicationConnection(login);
        state.enter(new WalReceiverState.Restarting(connection), "logged in to " + login);
        onward(
                new FirstContact(connection, cluster, configuration.get(), clock).make(),
                known -> proceed(connection, known.wal()));
    }

    private <T> void onward(CompletableFuture<T> work, Consumer<? super T> then) {
        state.begin().when(work, then, left -> {}, failure -> retry("could not start WAL streaming", reason(failure)));
    }

    /** Finds the next thing to do on an idle connection, and does it. */
    private void proceed(ReplicationConnection connection, WalStore wal) {
        state.enter(new WalReceiverState.Restarting(connection), "looking for the next position");
        onward(new IdleConnection(connection, wal, configuration.get()).next(), next -> {
            switch (next) {
                case IdleConnection.Next.Stream stream -> {
                    if (asked.equals(Optional.of(stream))) {
                        asked = Optional.empty();
                        waitBeforeAsking(connection, wal, "the upstream ends each stream at " + stream.end());
                    } else {
                        asked = Optional.of(stream);
                        stream(connection, wal, stream);
                    }
                }
                case IdleConnection.Next.Wait wait -> waitBeforeAsking(connection, wal, wait.why());
                case IdleConnection.Next.Halt halt -> {
                    makeRoom.run();
                    waitBeforeAsking(connection, wal, "receiving of WAL is halted: " + halt.why());
                }
            }
        });
    }

    private void waitBeforeAsking(ReplicationConnection connection, WalStore wal, String why) {
        state.enter(new WalReceiverState.Waiting(connection), why);
        if (!why.equals(waitingFor)) {
            log.info("{}, waiting", why);
            waitingFor = why;
        }
        state.begin().after(retryInterval(), () -> proceed(connection, wal));
    }

    private void stream(ReplicationConnection connection, WalStore wal, IdleConnection.Next.Stream from) {
        StreamReceiver receiver = new StreamReceiver(
                connection.login().channel(),
                wal,
                from.from(),
                source,
                configuration,
                clock,
                new AfterStream(connection, wal));
        String slot = UpstreamSlot.of(connection, configuration.get())
                .map(UpstreamSlot::clause)
                .orElse("");
        String command = "START_REPLICATION " + slot + from.from() + " TIMELINE " + from.timeline();
        CurrentState.Task task = state.begin();
        // At once, not in a task of its own: the first WAL may have come with the answer.
        onward(
                connection.startStream(command, receiver).thenAccept(reply -> {
                    if (task.isLeft()) {
                        receiver.finish();
                    } else {
                        started(connection, wal, from, receiver, reply);
                    }
                }),
                done -> {});
    }

    private void started(
            ReplicationConnection connection,
            WalStore wal,
            IdleConnection.Next.Stream from,
            StreamReceiver receiver,
            ReplicationConnection.Reply reply) {
        switch (reply) {
            case ReplicationConnection.Reply.CopyBoth copyBoth -> {
                WalReceiverState.Streaming streaming =
                        new WalReceiverState.Streaming(connection, receiver, from.timeline(), from.from());
                lastStream = Optional.of(streaming);
                state.enter(streaming, "started streaming");
                waitingFor = "";
                receiver.begin();
                log.info(
                        "started streaming WAL from primary at {} on timeline {}{}",
                        from.from(),
                        from.timeline(),
                        connection.login().compression().isPresent() ? ", compressed" : "");
            }
            // The timeline ends where we are: the upstream says which comes next, and so does its history.
            case ReplicationConnection.Reply.Completed completed -> {
                receiver.finish();
                proceed(connection, wal);
            }
        }
    }

    /** What the end of a stream leads to. */
    private final class AfterStream implements StreamReceiver.Outcome {
        private final ReplicationConnection connection;
        private final WalStore wal;

        AfterStream(ReplicationConnection connection, WalStore wal) {
            this.connection = connection;
            this.wal = wal;
        }

        @Override
        public void continuesOurs() {
            firstHost = connection.login().hostIndex();
        }

        @Override
        public void endOfTimeline() {
            logEnd();
            state.enter(new WalReceiverState.Restarting(connection), "end of timeline");
            onward(connection.endStream(), result -> proceed(connection, wal));
        }

        @Override
        public void endOfWal() {
            logEnd();
            retry("replication terminated by primary server");
        }

        @Override
        public void failed(PgException reason) {
            retry("could not receive data from WAL stream", reason);
        }

        private void logEnd() {
            Lsn end = wal.end().written();
            log.info(
                    "replication terminated by primary server\nDETAIL:  End of WAL reached on timeline {} at {}.",
                    wal.end().history().timeline(),
                    end);
        }
    }

    private void retry(String what, PgException why) {
        if (state.get() instanceof WalReceiverState.Stopping) {
            return;
        }
        StringBuilder message = new StringBuilder(what).append(": ").append(why.message());
        why.detail().ifPresent(detail -> message.append("\nDETAIL:  ").append(detail));
        why.hint().ifPresent(hint -> message.append("\nHINT:  ").append(hint));
        log.error("{}", message);
        retry(why.message());
    }

    private void retry(String why) {
        disconnect();
        state.enter(new WalReceiverState.Stopped(), why);
        state.begin().after(retryInterval(), this::attempt);
    }

    private void disconnect() {
        if (state.get() instanceof WalReceiverState.Streaming streaming) {
            streaming.receiver().finish();
        }
        state.get().connected().ifPresent(ReplicationConnection::close);
    }

    private Duration retryInterval() {
        return configuration.get().get(Settings.WAL_RETRIEVE_RETRY_INTERVAL);
    }
}
