package io.walrelay.proxy.cli;

import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.ConfigurationException;
import io.walrelay.proxy.config.Problem;
import io.walrelay.proxy.config.Settings;
import io.walrelay.proxy.session.ShutdownMode;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code walrelay serve}: runs the relay until a signal ends it; SIGHUP reads the settings again. */
@Command(name = "serve", mixinStandardHelpOptions = true, description = "Run the relay.")
final class ServeCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);

    private final Relay.Starter starter;

    @Mixin
    private final ConfigurationOptions options = new ConfigurationOptions();

    ServeCommand(Relay.Starter starter) {
        this.starter = starter;
    }

    @Override
    public Integer call() throws Exception {
        Configuration configuration;
        try {
            configuration = options.load();
        } catch (ConfigurationException e) {
            logProblems(e);
            LOG.error(ServerLog.FATAL, "the configuration contains errors");
            return 1;
        }
        ServerLog.apply(configuration.get(Settings.LOG_MIN_MESSAGES));
        LOG.info("starting {} on Java {}", Main.version(), Runtime.version());
        Relay relay = starter.start(configuration);
        Signals.install(() -> reload(relay), mode -> stop(relay, mode));
        relay.await();
        LOG.info("walrelay is shut down");
        return 0;
    }

    private static void logProblems(ConfigurationException e) {
        e.problems().stream().map(Problem::text).forEach(LOG::info);
    }

    private static void reload(Relay relay) {
        LOG.info("received SIGHUP, reloading configuration files");
        relay.reload();
    }

    private static void stop(Relay relay, ShutdownMode mode) {
        LOG.info("received {} request", mode.title());
        relay.stop(mode);
    }
}
