package io.walrelay.proxy.demo;

import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.ConfigurationException;
import java.io.Closeable;
import java.io.IOException;

/** The relay that the demo shows, as far as the demo needs to know it. */
public interface DemoRelay extends Closeable {
    /** Starts it. */
    @FunctionalInterface
    interface Starter {
        /** Returns when the relay serves clients. */
        DemoRelay start(Configuration configuration) throws IOException, ConfigurationException;
    }

    /** The port on which it listens. */
    int port();

    @Override
    void close() throws IOException;
}
