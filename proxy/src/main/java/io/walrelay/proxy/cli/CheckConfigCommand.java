package io.walrelay.proxy.cli;

import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.ConfigurationException;
import io.walrelay.proxy.config.Problem;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code walrelay check-config}: says everything that is wrong with the settings and starts nothing. */
@Command(
        name = "check-config",
        mixinStandardHelpOptions = true,
        description = "Say everything that is wrong with the settings, hba_file and auth_file; start nothing.")
final class CheckConfigCommand implements Callable<Integer> {
    @Mixin
    private final ConfigurationOptions options = new ConfigurationOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls anything
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        try {
            Configuration configuration = options.load();
            out.println(configuration
                    .file()
                    .map(file -> "configuration file \"" + file + "\" is valid")
                    .orElse("the settings are valid"));
            return 0;
        } catch (ConfigurationException e) {
            e.problems().stream().map(Problem::text).forEach(err::println);
            int count = e.problems().size();
            err.println(count == 1 ? "1 problem" : count + " problems");
            return 1;
        } finally {
            out.flush();
            err.flush();
        }
    }
}
