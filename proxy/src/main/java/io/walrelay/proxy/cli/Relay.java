package io.walrelay.proxy.cli;

import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.ConfigurationException;
import java.io.IOException;

/** A running relay, as the command line sees it. */
interface Relay {
    /** Starts one. Returns when it listens. */
    @FunctionalInterface
    interface Starter {
        Relay start(Configuration configuration) throws IOException, ConfigurationException;
    }

    /** Takes over new settings. Called on the signal thread. */
    void reload(Configuration configuration);

    /** Stops it: clients are sent what they are owed first. A call after the first does nothing. */
    void stop();

    /** Waits until it has stopped, whoever stopped it.
     *
     * @throws IOException why it had to stop by itself
     */
    void await() throws InterruptedException, IOException;
}
