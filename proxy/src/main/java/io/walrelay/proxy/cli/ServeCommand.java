package io.walrelay.proxy.cli;

import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.ConfigurationException;
import io.walrelay.proxy.config.Problem;
import io.walrelay.proxy.config.Reload;
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
        Running running = new Running(relay, configuration);
        Signals.install(running::reload, running::stop);
        relay.await();
        LOG.info("walrelay is shut down");
        return 0;
    }

    private static void logProblems(ConfigurationException e) {
        e.problems().stream().map(Problem::text).forEach(LOG::info);
    }

    /** The relay and the settings that it has. Each signal comes on a thread of its own. */
    private static final class Running {
        private final Relay relay;
        private Configuration configuration;

        Running(Relay relay, Configuration configuration) {
            this.relay = relay;
            this.configuration = configuration;
        }

        synchronized void reload() {
            LOG.info("received SIGHUP, reloading configuration files");
            try {
                Reload reload = configuration.reload();
                ConfigurationOptions.checkFiles(reload.configuration());
                reload.messages().forEach(LOG::info);
                configuration = reload.configuration();
                ServerLog.apply(configuration.get(Settings.LOG_MIN_MESSAGES));
                relay.reload(configuration);
            } catch (ConfigurationException e) {
                logProblems(e);
                LOG.info("the configuration contains errors; no changes were applied");
            }
        }

        void stop(ShutdownMode mode) {
            LOG.info("received {} request", mode.title());
            relay.stop(mode);
        }
    }
}
