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
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a walreceiver does by itself, as long as nobody tells it otherwise: connects, finds the next thing to do,
 * streams, and begins anew for ever. Everything runs on the upstream loop. Mirrors {@code WalReceiverMain}; what is
 * told to it from outside is {@link WalReceiver}'s.
 */
final class ReceiveCycle {
    private static final Logger log = LoggerFactory.getLogger(ReceiveCycle.class);

    private final EventLoop loop;
    private final UpstreamConnector connector;
    private final Supplier<Configuration> configuration;
    private final Cluster cluster;
    private final StandbySource source;
    private final Runnable makeRoom;
    private final Clock clock;
    private final CurrentState state;

    /** The last stream of this connection. */
    private volatile Optional<WalReceiverState.Streaming> lastStream = Optional.empty();

    /** The stream that this connection was last asked for: if the next would be the same, it has brought nothing. */
    private Optional<IdleConnection.Next.Stream> asked = Optional.empty();

    /** What the log has been told that it waits for. */
    private String waitingFor = "";

    /** Which of the hosts in primary_conninfo is tried first. */
    private int firstHost;

    /** @see WalReceiver#WalReceiver */
    ReceiveCycle(
            EventLoop loop,
            UpstreamConnector connector,
            Supplier<Configuration> configuration,
            Cluster cluster,
            StandbySource source,
            Runnable makeRoom,
            Clock clock,
            CurrentState state) {
        this.loop = loop;
        this.connector = connector;
        this.configuration = configuration;
        this.cluster = cluster;
        this.source = source;
        this.makeRoom = makeRoom;
        this.clock = clock;
        this.state = state;
    }

    /** The last stream of the connection that there is, or was. Any thread. */
    Optional<WalReceiverState.Streaming> lastStream() {
        return lastStream;
    }

    /** The next attempt begins with the first host. */
    void fromFirstHost() {
        firstHost = 0;
    }

    /** What the upstream was asked for, and the log was told, before a pause counts no more. */
    void forgetAsked() {
        asked = Optional.empty();
        waitingFor = "";
    }

    /** Begins to connect, if there is anything to connect to, and it is stopped. */
    void attempt() {
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
    void proceed(ReplicationConnection connection, WalStore wal) {
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

    /** Leaves the connection, if there is one. */
    void disconnect() {
        if (state.get() instanceof WalReceiverState.Streaming streaming) {
            streaming.receiver().finish();
        }
        state.get().connected().ifPresent(ReplicationConnection::close);
    }

    private Duration retryInterval() {
        return configuration.get().get(Settings.WAL_RETRIEVE_RETRY_INTERVAL);
    }

    /** What a failure of the upstream, or of a program, means. */
    static PgException reason(Throwable failure) {
        return PgException.of(failure, defect -> log.error("unexpected failure", defect));
    }
}
