package io.walrelay.proxy.cli;

import io.walrelay.proxy.Proxy;
import io.walrelay.proxy.config.Configuration;
import java.io.IOException;

/** The one place where the command line meets the programs that it runs. */
final class Programs {
    static final Relay.Starter RELAY = configuration -> new Running(Proxy.start(configuration));

    static final DemoCommand.Demo DEMO = once -> {
        throw new IOException("the demo is not wired to the command line yet");
    };

    private Programs() {}

    /** The relay as the command line sees it. */
    private record Running(Proxy proxy) implements Relay {
        @Override
        public void reload(Configuration configuration) {
            proxy.reload(configuration);
        }

        @Override
        public void stop() {
            proxy.stop();
        }

        @Override
        public void await() throws InterruptedException {
            proxy.await();
        }
    }
}
