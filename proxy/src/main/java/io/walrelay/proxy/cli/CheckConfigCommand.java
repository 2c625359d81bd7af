package io.walrelay.proxy.cli;

import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.ConfigurationException;
import io.walrelay.proxy.config.Problem;
import io.walrelay.proxy.config.Settings;
import io.walrelay.proxy.storage.LocalStorage;
import io.walrelay.proxy.wal.ControlFile;
import io.walrelay.proxy.wal.DiskGuard;
import io.walrelay.replication.WalSegmentSize;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
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

    /** A directory that is new will get segments of a size that only the upstream knows: as a rule it is 16 MB. */
    private static Optional<String> diskWarning(Configuration configuration) {
        DiskGuard.Limits limits = new DiskGuard.Limits(
                configuration.get(Settings.WAL_DISK_LIMIT), configuration.get(Settings.REPLICATION_HALT_SEGMENTS));
        return DiskGuard.shortfall(
                limits,
                configuration.get(Settings.WAL_KEEP_SIZE),
                segmentSize(configuration.get(Settings.DATA_DIRECTORY)));
    }

    private static WalSegmentSize segmentSize(Path dataDirectory) {
        try {
            return ControlFile.read(new LocalStorage(), dataDirectory)
                    .map(ControlFile::segmentSize)
                    .orElse(WalSegmentSize.DEFAULT);
        } catch (IOException notReadable) {
            // Who starts the relay is told; here it is only the settings that are looked at.
            return WalSegmentSize.DEFAULT;
        }
    }

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
            diskWarning(configuration).map(text -> "WARNING:  " + text).ifPresent(err::println);
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
