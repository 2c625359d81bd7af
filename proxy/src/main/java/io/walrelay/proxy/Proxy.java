package io.walrelay.proxy;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.walrelay.proxy.backup.BackupPassthrough;
import io.walrelay.proxy.cluster.Cluster;
import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.ConfigurationException;
import io.walrelay.proxy.config.ConnectionInfo;
import io.walrelay.proxy.config.Problem;
import io.walrelay.proxy.config.Reload;
import io.walrelay.proxy.config.Settings;
import io.walrelay.proxy.console.CpuBudget;
import io.walrelay.proxy.console.engine.EmbeddedConsole;
import io.walrelay.proxy.console.engine.Limits;
import io.walrelay.proxy.event.RecentEvents;
import io.walrelay.proxy.hba.AccessRules;
import io.walrelay.proxy.metrics.MetricsEndpoint;
import io.walrelay.proxy.session.ConsoleAccess;
import io.walrelay.proxy.session.ConsoleWorkers;
import io.walrelay.proxy.session.Downstream;
import io.walrelay.proxy.session.DownstreamTls;
import io.walrelay.proxy.session.Listener;
import io.walrelay.proxy.session.SessionRegistry;
import io.walrelay.proxy.session.ShutdownMode;
import io.walrelay.proxy.slot.SlotRegistry;
import io.walrelay.proxy.storage.LocalStorage;
import io.walrelay.proxy.storage.PanickingStorage;
import io.walrelay.proxy.storage.Storage;
import io.walrelay.proxy.systemd.NotifySocket;
import io.walrelay.proxy.tls.ServerTls;
import io.walrelay.proxy.transport.Transport;
import io.walrelay.proxy.upstream.UpstreamConnector;
import io.walrelay.proxy.upstream.UpstreamLogin;
import io.walrelay.proxy.wal.DiskGuard;
import io.walrelay.proxy.walreceiver.SegmentRefetcher;
import io.walrelay.proxy.walreceiver.WalReceiver;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.tls.ServerContext;
import io.walrelay.wire.tls.TlsProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.MarkerFactory;

/**
 * One relay: builds its parts, starts them in order and stops them in reverse.
 *
 * <p>Threads: {@code upstream} (one event loop for the upstream and the WAL writer), {@code client} (event loops for
 * sessions and walsenders), {@code wal-flusher}, {@code reader} (checks of stored WAL), {@code refetch} (damaged WAL),
 * {@code maintenance} (slots on disk), {@code tls} (handshakes).
 */
public final class Proxy implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Proxy.class);
    private static final Marker PANIC = MarkerFactory.getMarker("PANIC");
    private static final Duration MAINTENANCE_INTERVAL = Duration.ofSeconds(10);
    private static final int READERS = 2;
    private static final Duration TITLES_INTERVAL = Duration.ofSeconds(5);
    private static final Duration FOR_EVER = Duration.ofDays(365);

    private final Started started;
    private final Cluster cluster;
    private final SlotRegistry slots;
    private final SessionRegistry sessions;
    private final WalReceiver walReceiver;
    private final SegmentRefetcher refetcher;
    private final Listener listener;
    private final NotifySocket serviceManager;
    private final StandIn standIn;
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();

    private volatile Configuration configuration;
    private volatile AccessRules access;
    private volatile Optional<ServerContext> tls;
    private volatile Instant loaded = Instant.now();
    private volatile Consumer<Configuration> reloaded = settings -> {};
    private volatile ShutdownMode stopMode = ShutdownMode.SMART;

    private Proxy(Configuration configuration, Started started) throws IOException, ConfigurationException {
        this.configuration = configuration;
        this.access = AccessRules.load(configuration);
        this.tls = ServerTls.load(configuration);
        this.started = started;
        RecentEvents events = RecentEvents.ofLog();
        started.add("the events", events::close);
        Storage storage = new PanickingStorage(new LocalStorage(), this::syncFailed);
        Clock clock = Clock.systemUTC();
        Path dataDirectory = configuration.get(Settings.DATA_DIRECTORY);
        Transport transport = Transport.best();
        ExecutorService flusher = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name("wal-flusher").daemon().factory());
        started.add("the wal-flusher", flusher::shutdown);
        this.cluster = new Cluster(
                storage,
                dataDirectory,
                configuration.get(Settings.WAL_VERIFY),
                this::diskLimits,
                flusher,
                this::syncFailed);
        started.add("the WAL", cluster::close);
        ExecutorService readers = Executors.newFixedThreadPool(
                READERS, Thread.ofPlatform().name("reader-", 1).daemon().factory());
        started.add("the readers", readers::shutdown);
        cluster.firstKnown().thenAccept(known -> known.wal().readOn(readers));
        cluster.recover();
        ScheduledExecutorService maintenance = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("maintenance").daemon().factory());
        started.add("maintenance", maintenance::shutdown);
        this.slots = SlotRegistry.load(
                storage, dataDirectory, maintenance, configuration.get(Settings.MAX_REPLICATION_SLOTS));
        this.sessions = new SessionRegistry(configuration.get(Settings.MAX_WAL_SENDERS));
        this.standIn = new StandIn(this::configuration, slots, lateness(), clock);
        Maintenance upkeep = new Maintenance(this::configuration, cluster, slots, sessions, standIn::hold);
        cluster.firstKnown().thenAccept(known -> upkeep.watch(known.wal(), maintenance));
        ScheduledFuture<?> housekeeping = maintenance.scheduleWithFixedDelay(
                upkeep, MAINTENANCE_INTERVAL.toMillis(), MAINTENANCE_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
        started.add("maintenance", () -> finish(maintenance, housekeeping));
        EventLoopGroup upstreamLoop = eventLoops(transport, 1, "upstream");
        EventLoopGroup clientLoops = eventLoops(transport, clientThreads(), "client");
        this.serviceManager = NotifySocket.open(System.getenv("NOTIFY_SOCKET"), transport, clientLoops.next());
        started.add("the service manager's socket", serviceManager::close);
        UpstreamConnector connector = new UpstreamConnector(transport);
        EventLoop receiving = upstreamLoop.next();
        this.walReceiver = new WalReceiver(
                receiving,
                connector,
                this::configuration,
                cluster,
                standIn.source(),
                () -> maintenance.execute(upkeep),
                clock);
        standIn.onPositionsMoved(walReceiver::positionsMoved);
        LiveRelay live = new LiveRelay(
                this::configuration, () -> access, () -> loaded, cluster, slots, standIn, walReceiver, upkeep, events);
        LiveFigures figures = new LiveFigures(live, cluster, standIn);
        ConsoleAccess console = console(live);
        // When the WAL has come to its end, and before the console that some of them work with.
        started.add("the sessions", this::drain);
        this.refetcher = new SegmentRefetcher(
                eventLoops(transport, 1, "refetch").next(),
                connector,
                this::configuration,
                cluster,
                walReceiver::streamingHost,
                clock);
        started.add("the refetcher", () -> refetcher.stop().join());
        ScheduledFuture<?> titles = maintenance.scheduleWithFixedDelay(
                new ProcessTitles(cluster, standIn, walReceiver, receiving, serviceManager),
                TITLES_INTERVAL.toMillis(),
                TITLES_INTERVAL.toMillis(),
                TimeUnit.MILLISECONDS);
        started.add("the titles of threads", () -> titles.cancel(false));
        started.add("the walreceiver", () -> walReceiver.stop(cluster::close).join());
        ExecutorService handshakes = Executors.newFixedThreadPool(
                clientThreads(), Thread.ofPlatform().name("tls-", 1).daemon().factory());
        started.add("the TLS handshakes", handshakes::shutdown);
        Downstream downstream = new Downstream(
                this::configuration,
                () -> access,
                cluster,
                slots,
                sessions,
                standIn.senders(),
                standIn::wakeups,
                Optional.of(console),
                (client, name) ->
                        new BackupPassthrough(client, connector, connectForBackup(connector, client.eventLoop(), name)),
                new DownstreamTls(() -> tls, handshakes),
                clock);
        this.listener =
                new Listener(transport, clientLoops, downstream, new MockSecret(storage, dataDirectory).readOrCreate());
        started.add("the listener", listener::close);
        int metricsPort = configuration.get(Settings.METRICS_PORT);
        if (metricsPort != 0) {
            String address = configuration.get(Settings.METRICS_LISTEN_ADDRESS);
            started.add("the metrics", MetricsEndpoint.listen(address, metricsPort, figures)::close);
        }
    }

    /** Looks at the clock for replication_timeout, to the point: maintenance may be busy with the disk for long. */
    private ScheduledExecutorService lateness() {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().name("replication-timeout").daemon().factory());
        timer.setRemoveOnCancelPolicy(true);
        started.add("the clock of synchronous replication", timer::shutdownNow);
        return timer;
    }

    private ConsoleAccess console(LiveRelay relay) throws IOException {
        LiveControl control = new LiveControl(cluster, slots, sessions, walReceiver, this::reload);
        EmbeddedConsole console = new EmbeddedConsole(relay, control, this::consoleLimits);
        relay.ordinarySessions(console::backends);
        started.add("the console", console::close);
        ConsoleWorkers workers =
                new ConsoleWorkers(new CpuBudget(() -> configuration.get(Settings.SQL_CPU_LIMIT), System::nanoTime));
        started.add("the console's workers", workers::close);
        return workers.access(console);
    }

    private Limits consoleLimits() {
        Configuration now = configuration;
        Duration longest = now.get(Settings.STATEMENT_TIMEOUT);
        return new Limits(
                longest.isPositive() ? longest : FOR_EVER,
                now.get(Settings.SQL_STATEMENT_MEM),
                now.get(Settings.SQL_RESULT_MEM),
                now.get(Settings.SQL_MAX_ROWS));
    }

    private EventLoopGroup eventLoops(Transport transport, int threads, String name) {
        EventLoopGroup loops = transport.eventLoops(threads, name);
        started.add(
                "the " + name + " loops",
                () -> loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly());
        return loops;
    }

    private static int clientThreads() {
        return Math.max(1, Runtime.getRuntime().availableProcessors());
    }

    /**
     * Starts a relay. When this returns it listens, and has begun to connect to its upstream.
     *
     * @throws IOException if the data directory cannot be used, or no address can be listened on
     * @throws ConfigurationException if the hba_file or the auth_file is bad
     */
    public static Proxy start(Configuration configuration) throws IOException, ConfigurationException {
        Path dataDirectory = configuration.get(Settings.DATA_DIRECTORY);
        new LocalStorage().createDirectories(dataDirectory);
        DataDirectoryLock lock = DataDirectoryLock.acquire(dataDirectory);
        Started started = new Started();
        started.add("the lock of the data directory", lock::close);
        try {
            Proxy proxy = new Proxy(configuration, started);
            proxy.begin();
            return proxy;
        } catch (IOException | ConfigurationException | RuntimeException e) {
            started.stopAfter(e);
            throw e;
        }
    }

    private void begin() {
        if (!configuration.get(Settings.WAL_VERIFY)) {
            log.warn(
                    "wal_verify is off: broken WAL is passed on, and slots reserve WAL only from the current position on");
        }
        cluster.firstKnown().thenAccept(known -> warnOfTooLittleDisk(configuration, known));
        TlsProvider.whyNotNative()
                .ifPresent(why -> log.warn("OpenSSL is not available, TLS is that of the Java platform: {}", why));
        warnOfLinesWithoutTls();
        walReceiver.start();
        refetcher.start();
        log.info("walrelay is ready to accept connections");
        serviceManager.ready();
    }

    private DiskGuard.Limits diskLimits() {
        return diskLimits(configuration);
    }

    private static DiskGuard.Limits diskLimits(Configuration of) {
        return new DiskGuard.Limits(of.get(Settings.WAL_DISK_LIMIT), of.get(Settings.REPLICATION_HALT_SEGMENTS));
    }

    /** How large segments are is known with the first upstream. */
    private static void warnOfTooLittleDisk(Configuration of, Cluster.Known known) {
        DiskGuard.shortfall(
                        diskLimits(of),
                        of.get(Settings.WAL_KEEP_SIZE),
                        known.wal().control().segmentSize())
                .ifPresent(log::warn);
    }

    private Configuration configuration() {
        return configuration;
    }

    private CompletableFuture<UpstreamLogin> connectForBackup(
            UpstreamConnector connector, EventLoop loop, String applicationName) {
        Optional<ConnectionInfo> info = configuration.get(Settings.PRIMARY_CONNINFO);
        if (info.isEmpty()) {
            return CompletableFuture.failedFuture(
                    PgException.error(SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE, "primary_conninfo is not set"));
        }
        // The backup is taken where the WAL comes from: the other hosts may be on other timelines.
        return connector.connectFrom(loop, info.get(), walReceiver.streamingHost(), applicationName);
    }

    /**
     * Waits until clients are let in: the upstream has said whose WAL this is, now or before.
     *
     * @return whether it has come to that within {@code limit}
     */
    public boolean awaitServing(Duration limit) throws InterruptedException {
        try {
            cluster.firstKnown().get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The port that is listened on. */
    public int port() {
        return listener.port();
    }

    /** Has {@code listener} told of the settings that a reload has brought, on the thread that reloads. */
    public void onReload(Consumer<Configuration> listener) {
        reloaded = listener;
    }

    /**
     * Reads the settings, hba_file, auth_file and the files of TLS again: SIGHUP and pg_reload_conf(). What is bad
     * leaves what it is about as it was, and the log says so.
     */
    public synchronized void reload() {
        Reload read = configuration.reload();
        read.messages().forEach(log::info);
        Configuration next = read.configuration();
        serviceManager.reloading();
        reloaded.accept(next);
        reloadAccess(next);
        reloadTls(next);
        if (read.applied()) {
            takeOver(next);
        }
        serviceManager.ready();
    }

    private void takeOver(Configuration next) {
        Configuration old = configuration;
        configuration = next;
        loaded = Instant.now();
        cluster.known().ifPresent(known -> warnOfTooLittleDisk(next, known));
        boolean otherUpstream = Stream.of(
                        Settings.PRIMARY_CONNINFO,
                        Settings.PRIMARY_SLOT_NAME,
                        Settings.WAL_RECEIVER_CREATE_TEMP_SLOT,
                        Settings.WAL_RECEIVER_COMPRESSION,
                        Settings.WAL_RECEIVER_COMPRESSION_LEVEL)
                .anyMatch(setting -> !old.get(setting).equals(next.get(setting)));
        standIn.reload();
        if (otherUpstream) {
            walReceiver.reconnect();
        }
    }

    /** The two belong together: if one is bad, both stay as they were. */
    private void reloadAccess(Configuration next) {
        try {
            AccessRules.check(next);
            access = AccessRules.load(next);
        } catch (ConfigurationException e) {
            e.problems().stream().map(Problem::text).forEach(log::info);
            Stream.of(Settings.HBA_FILE, Settings.AUTH_FILE)
                    .flatMap(setting -> next.get(setting).stream())
                    .forEach(file -> log.info("{} was not reloaded", file));
        }
    }

    private void warnOfLinesWithoutTls() {
        if (tls.isEmpty()) {
            access.hba()
                    .thatNeedTls()
                    .forEach(line -> log.info(
                            "hostssl record cannot match because SSL is disabled{}\nHINT:  Set ssl = on.",
                            line.origin().place()));
        }
    }

    /** Connections that are there keep what they have; one bad file leaves all as it was. */
    private void reloadTls(Configuration next) {
        try {
            tls = ServerTls.load(next);
        } catch (ConfigurationException e) {
            e.problems().stream().map(Problem::text).forEach(log::info);
            log.info("SSL configuration was not reloaded");
        }
        warnOfLinesWithoutTls();
    }

    /** The kernel may have dropped what it could not write: nothing here can be acknowledged any more. */
    private void syncFailed(IOException failure) {
        log.error(PANIC, "could not fsync WAL: {}", failure.getMessage());
        Runtime.getRuntime().halt(1);
    }

    /**
     * Stops: takes no more connections and no more WAL, flushes, and gives clients that stream the time to get what is
     * here (at most {@code wal_sender_shutdown_timeout}). Returns when it has stopped, whoever began with it; a later
     * call may go further than the first.
     */
    public void stop(ShutdownMode mode) {
        goAsFarAs(mode);
        sessions.hurry(mode);
        if (stopping.compareAndSet(false, true)) {
            serviceManager.stopping();
            try {
                started.stop();
                stopped.complete(null);
            } catch (IOException e) {
                stopped.completeExceptionally(e);
            }
        }
        stopped.exceptionally(toldByAwait -> null).join();
    }

    private synchronized void goAsFarAs(ShutdownMode mode) {
        stopMode = stopMode.compareTo(mode) >= 0 ? stopMode : mode;
    }

    private void drain() {
        sessions.shutDown(stopMode);
        Duration timeout = configuration.get(Settings.WAL_SENDER_SHUTDOWN_TIMEOUT);
        if (!sessions.awaitNone(timeout.isNegative() ? FOR_EVER : timeout)) {
            sessions.cutOff();
        }
    }

    private void finish(ScheduledExecutorService maintenance, ScheduledFuture<?> housekeeping)
            throws InterruptedException {
        housekeeping.cancel(false);
        maintenance.execute(slots::saveMoved);
        maintenance.shutdown();
        maintenance.awaitTermination(10, TimeUnit.SECONDS);
    }

    /**
     * Waits until it has stopped.
     *
     * @throws IOException if something could not be stopped as it should
     */
    public void await() throws InterruptedException, IOException {
        try {
            stopped.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException known ? known : new IOException(e.getCause());
        }
    }

    @Override
    public void close() {
        stop(ShutdownMode.FAST);
    }
}
