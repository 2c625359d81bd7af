package io.walrelay.proxy.cli;

import io.walrelay.proxy.Proxy;
import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.ConfigurationException;
import io.walrelay.proxy.config.Settings;
import io.walrelay.proxy.demo.Demo;
import io.walrelay.proxy.demo.DemoRelay;
import io.walrelay.proxy.session.ShutdownMode;
import java.io.IOException;
import java.time.Duration;

/** The one place where the command line meets the programs that it runs. */
final class Programs {
    static final Relay.Starter RELAY = configuration -> {
        ImmediateShutdown.install();
        Proxy proxy = Proxy.start(configuration);
        proxy.onReload(reloaded -> ServerLog.apply(reloaded.get(Settings.LOG_MIN_MESSAGES)));
        return new Running(proxy);
    };

    static final DemoCommand.Demo DEMO = purpose -> new Demo(Shown::start).run(purpose, System.out);

    private Programs() {}

    /** The relay as the demo sees it. */
    private record Shown(Proxy proxy) implements DemoRelay {
        private static final Duration LONGEST_START = Duration.ofSeconds(30);

        /** Ready means that clients are let in: one that tried earlier would be told to come again. */
        static Shown start(Configuration configuration) throws IOException, ConfigurationException {
            ServerLog.apply(configuration.get(Settings.LOG_MIN_MESSAGES));
            Proxy proxy = Proxy.start(configuration);
            try {
                if (!proxy.awaitServing(LONGEST_START)) {
                    throw new IOException("the relay could not learn from the primary whose WAL it is to keep");
                }
                return new Shown(proxy);
            } catch (InterruptedException e) {
                proxy.close();
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while the relay was starting", e);
            } catch (IOException e) {
                proxy.close();
                throw e;
            }
        }

        @Override
        public int port() {
            return proxy.port();
        }

        @Override
        public void close() {
            proxy.close();
        }
    }

    /** The relay as the command line sees it. */
    private record Running(Proxy proxy) implements Relay {
        @Override
        public void reload() {
            proxy.reload();
        }

        @Override
        public void stop(ShutdownMode mode) {
            proxy.stop(mode);
        }

        @Override
        public void await() throws InterruptedException, IOException {
            proxy.await();
        }
    }
}
