package io.walrelay.proxy.cli;

import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.ConfigurationException;
import io.walrelay.proxy.config.Problem;
import io.walrelay.proxy.hba.AccessRules;
import io.walrelay.proxy.tls.ServerTls;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which settings to use. */
final class ConfigurationOptions {
    @Option(
            names = "--config-file",
            paramLabel = "FILE",
            description = "Read the settings from this file (walrelay.conf.sample shows them all).")
    private @Nullable Path file;

    @Option(
            names = "-c",
            paramLabel = "NAME=VALUE",
            description = "Set one setting; it wins over the file. May be given several times.")
    private List<String> overrides = new ArrayList<>();

    /** The settings, of which all is well: the files that they name were read too.
     *
     * @throws ConfigurationException with every problem there is
     */
    Configuration load() throws ConfigurationException {
        Configuration configuration = Configuration.load(file, overrides);
        List<Problem> problems = new ArrayList<>();
        try {
            AccessRules.check(configuration);
        } catch (ConfigurationException e) {
            problems.addAll(e.problems());
        }
        try {
            ServerTls.load(configuration);
        } catch (ConfigurationException e) {
            problems.addAll(e.problems());
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return configuration;
    }
}
