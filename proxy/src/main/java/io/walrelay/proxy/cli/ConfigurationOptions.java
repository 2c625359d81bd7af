package io.walrelay.proxy.cli;

import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.ConfigurationException;
import io.walrelay.proxy.config.Problem;
import io.walrelay.proxy.config.Settings;
import io.walrelay.proxy.hba.HbaFile;
import io.walrelay.proxy.hba.HbaRules;
import io.walrelay.proxy.hba.RoleFile;
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
        List<Problem> problems = new ArrayList<>(accessProblems(configuration));
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

    /** Reads hba_file and auth_file, and throws away what is in them. Files of TLS that are bad at a reload change nothing else. */
    static void checkFiles(Configuration configuration) throws ConfigurationException {
        List<Problem> problems = accessProblems(configuration);
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }

    private static List<Problem> accessProblems(Configuration configuration) {
        List<Problem> problems = new ArrayList<>();
        try {
            HbaRules rules = HbaFile.load(configuration.get(Settings.HBA_FILE));
            if (rules.needPasswords() && configuration.get(Settings.AUTH_FILE).isEmpty()) {
                problems.add(Problem.of(
                        "hba_file asks for scram-sha-256 but no auth_file is set",
                        "Set auth_file to a file of lines \"user\" \"SCRAM-SHA-256$...\"."));
            }
        } catch (ConfigurationException e) {
            problems.addAll(e.problems());
        }
        try {
            RoleFile.load(configuration.get(Settings.AUTH_FILE));
        } catch (ConfigurationException e) {
            problems.addAll(e.problems());
        }
        return problems;
    }
}
