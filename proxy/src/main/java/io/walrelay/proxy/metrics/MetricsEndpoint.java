package io.walrelay.proxy.metrics;

import io.prometheus.metrics.exporter.httpserver.HTTPServer;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Where Prometheus fetches the metrics: {@code http://ADDRESS:PORT/metrics}. Its threads are its own. */
public final class MetricsEndpoint implements AutoCloseable {
    private static final int THREADS = 2;
    private static final int IDLE_SECONDS = 30;

    private final HTTPServer server;
    private final ThreadPoolExecutor threads;

    private MetricsEndpoint(HTTPServer server, ThreadPoolExecutor threads) {
        this.server = server;
        this.threads = threads;
    }

    /**
     * Listens from now on.
     *
     * @param address a name or an address; {@code *} for all
     * @param port 0 for any that is free
     * @param figures asked at each scrape, on one of the endpoint's threads; may look at the disk
     * @throws IOException if that cannot be listened on
     */
    public static MetricsEndpoint listen(String address, int port, Supplier<Figures> figures) throws IOException {
        PrometheusRegistry registry = new PrometheusRegistry();
        MultiCollector collector = () -> RelayMetrics.of(figures.get());
        registry.register(collector);
        ThreadPoolExecutor threads = threads();
        HTTPServer.Builder server =
                HTTPServer.builder().port(port).registry(registry).executorService(threads);
        try {
            if (!address.equals("*")) {
                server.inetAddress(InetAddress.getByName(address));
            }
            return new MetricsEndpoint(server.buildAndStart(), threads);
        } catch (IOException e) {
            threads.shutdown();
            throw new IOException("could not listen for metrics on " + address + ":" + port + ": " + e.getMessage(), e);
        }
    }

    /** None as long as nobody asks. */
    private static ThreadPoolExecutor threads() {
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor threads = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> Thread.ofPlatform()
                        .name("metrics-" + number.incrementAndGet())
                        .daemon()
                        .unstarted(task));
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }

    /** The port that is listened on. */
    public int port() {
        return server.getPort();
    }

    @Override
    public void close() {
        server.close();
        threads.shutdownNow();
    }
}
