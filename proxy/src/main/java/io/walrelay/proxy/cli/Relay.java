package io.walrelay.proxy.cli;

import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.ConfigurationException;
import io.walrelay.proxy.session.ShutdownMode;
import java.io.IOException;

/** A running relay, as the command line sees it. */
interface Relay {
    /** Starts one. Returns when it listens. */
    @FunctionalInterface
    interface Starter {
        Relay start(Configuration configuration) throws IOException, ConfigurationException;
    }

    /** Reads the settings again; where they are bad, says so and changes nothing. Called on the signal thread. */
    void reload();

    /** Stops it, or has what stops it already go further. Returns when it has stopped. */
    void stop(ShutdownMode mode);

    /** Waits until it has stopped, whoever stopped it.
     *
     * @throws IOException why it had to stop by itself, or what could not be stopped as it should
     */
    void await() throws InterruptedException, IOException;
}
