package io.walrelay.proxy.walreceiver;

import io.netty.channel.EventLoop;
import io.walrelay.proxy.cluster.Cluster;
import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.upstream.ReplicationConnection;
import io.walrelay.proxy.upstream.UpstreamConnector;
import io.walrelay.replication.Lsn;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The upstream side: keeps a replication connection to the upstream, and streams from where the WAL here ends; tries
 * again for ever. This is what it can be told: to begin, to begin anew, to pause, to go on, to stop. What it does by
 * itself is {@link ReceiveCycle}'s, both on one machine, whose states are {@link WalReceiverState}; what is asked and
 * decided between two streams is {@link FirstContact}'s and {@link IdleConnection}'s, a stream is {@link
 * StreamReceiver}'s. Everything runs on the one upstream loop, which serves nothing else.
 */
public final class WalReceiver {
    private static final Logger log = LoggerFactory.getLogger(WalReceiver.class);

    private final EventLoop loop;
    private final Supplier<Configuration> configuration;
    private final Cluster cluster;
    private final AtomicBoolean moveNoted = new AtomicBoolean();
    private final Runnable reportMoved = this::reportMoved;

    private final CurrentState state;
    private final ReceiveCycle cycle;

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
        this.configuration = configuration;
        this.cluster = cluster;
        this.state = new CurrentState(loop);
        this.cycle = new ReceiveCycle(loop, connector, configuration, cluster, source, makeRoom, clock, state);
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
                                now.title(), connection, cycle.lastStream(), known.wal(), configuration.get())));
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

    /**
     * Which of the hosts in primary_conninfo WAL is streamed from, or was until the pause; the first otherwise. Any
     * thread.
     */
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
        loop.execute(cycle::attempt);
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
        cycle.disconnect();
        cycle.fromFirstHost();
        state.enter(new WalReceiverState.Stopped(), why);
        cycle.attempt();
    }

    private void pauseWithout(String why) {
        cycle.disconnect();
        cycle.fromFirstHost();
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
        cycle.disconnect();
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
                failure -> pausedWithout(ReceiveCycle.reason(failure).message()));
    }

    /** Goes on receiving. Any thread; false if it was not paused. */
    public CompletableFuture<Boolean> resume() {
        return CompletableFuture.supplyAsync(
                () -> {
                    if (!isPaused()) {
                        return false;
                    }
                    log.info("receiving of WAL is resumed");
                    cycle.forgetAsked();
                    Optional<ReplicationConnection> kept = state.get() instanceof WalReceiverState.Paused
                            ? state.get().connected()
                            : Optional.empty();
                    if (kept.isPresent()) {
                        cycle.proceed(kept.get(), cluster.known().orElseThrow().wal());
                    } else {
                        cycle.disconnect();
                        state.enter(new WalReceiverState.Stopped(), "told to go on");
                        cycle.attempt();
                    }
                    return true;
                },
                loop);
    }

    /** The positions to be reported may have moved. Any thread; many calls lead to one report. */
    public void positionsMoved() {
        if (moveNoted.compareAndSet(false, true)) {
            loop.execute(reportMoved);
        }
    }

    private void reportMoved() {
        moveNoted.set(false);
        if (state.get() instanceof WalReceiverState.Streaming streaming) {
            streaming.receiver().reportIfMoved();
        } else if (state.get() instanceof WalReceiverState.Pausing pausing) {
            endStreamIfFlushed(pausing);
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
}
