package io.walrelay.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.Settings;
import io.walrelay.proxy.session.ShutdownMode;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class CommandLineTest {
    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final List<Configuration> started = new ArrayList<>();

    /** Stops by itself as soon as it has started. */
    private static final class FinishedRelay implements Relay {
        @Override
        public void reload() {}

        @Override
        public void stop(ShutdownMode mode) {}

        @Override
        public void await() {}
    }

    private int run(Relay.Starter starter, String... arguments) {
        CommandLine command = Main.commandLine(starter, purpose -> switch (purpose) {
                    case PROVE -> 0;
                    case SHOW -> 7;
                    case REHEARSE -> 8;
                })
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true));
        return command.execute(arguments);
    }

    private int run(String... arguments) {
        return run(
                configuration -> {
                    started.add(configuration);
                    return new FinishedRelay();
                },
                arguments);
    }

    @Test
    void helpListsTheCommands() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString()).contains("demo", "serve", "check-config", "--version");
    }

    @Test
    void versionNamesTheProgram() {
        assertThat(run("--version")).isZero();
        assertThat(out.toString()).startsWith("walrelay ");
    }

    @Test
    void wrongCallIsTwoLinesAndExitCodeTwo() {
        assertThat(run("serve", "--nope")).isEqualTo(2);
        assertThat(err.toString())
                .isEqualTo("walrelay: Unknown option: '--nope'\nTry \"walrelay serve --help\" for more information.\n");
        assertThat(run()).isEqualTo(2);
        assertThat(run("frobnicate")).isEqualTo(2);
        assertThat(started).isEmpty();
    }

    @Test
    void relayThatCouldNotBeStoppedProperlyIsAFailure() {
        Relay broken = new Relay() {
            @Override
            public void reload() {}

            @Override
            public void stop(ShutdownMode mode) {}

            @Override
            public void await() throws IOException {
                throw new IOException("could not stop the WAL properly: no");
            }
        };

        assertThat(run(configuration -> broken, "serve")).isEqualTo(1);
        assertThat(err.toString()).isEqualTo("walrelay: could not stop the WAL properly: no\n");
    }

    @Test
    void demosExitCodeIsThatOfTheProgram() {
        assertThat(run("demo")).isEqualTo(7);
        assertThat(run("demo", "--once")).isZero();
        assertThat(run("demo", "--rehearse")).isEqualTo(8);
        assertThat(run("demo", "--once", "--rehearse")).isEqualTo(2);
    }

    @Test
    void serveStartsTheRelayWithItsSettings() throws Exception {
        Path file = directory.resolve("walrelay.conf");
        Files.writeString(file, "port = 6000\ncluster_name = relay\n");

        assertThat(run("serve", "--config-file=" + file, "-c", "port=7000", "-c", "max_wal_senders=3"))
                .isZero();

        Configuration configuration = started.getFirst();
        assertThat(configuration.get(Settings.PORT)).isEqualTo(7000);
        assertThat(configuration.get(Settings.MAX_WAL_SENDERS)).isEqualTo(3);
        assertThat(configuration.get(Settings.CLUSTER_NAME)).isEqualTo("relay");
    }

    @Test
    void serveStartsNothingWhenTheSettingsAreBad() {
        assertThat(run("serve", "-c", "port=abc")).isEqualTo(1);
        assertThat(started).isEmpty();
    }

    @Test
    void failureToStartIsTheMessageAlone() {
        Relay.Starter busy = configuration -> {
            throw new IOException("could not bind IPv4 address \"127.0.0.1\": Address already in use");
        };
        Relay.Starter refused = configuration -> {
            throw PgException.fatal(SqlState.of("55000"), "this is another cluster's directory")
                    .withHint("Choose another data_directory.");
        };

        assertThat(run(busy, "serve")).isEqualTo(1);
        assertThat(run(refused, "serve")).isEqualTo(1);

        assertThat(err.toString()).isEqualTo("""
                        walrelay: could not bind IPv4 address "127.0.0.1": Address already in use
                        walrelay: this is another cluster's directory
                        HINT:  Choose another data_directory.
                        """);
    }

    @Test
    void checkConfigSaysEveryProblemOfEveryFile() throws Exception {
        Path file = directory.resolve("walrelay.conf");
        Files.writeString(file, "hba_file = hba\nauth_file = users\n");
        Files.writeString(directory.resolve("hba"), "host all all all md5\n");

        assertThat(run("check-config", "--config-file=" + file)).isEqualTo(1);

        assertThat(err.toString())
                .contains("invalid authentication method \"md5\": not supported by this build in file")
                .contains("could not open file \"" + directory.resolve("users") + "\": No such file or directory")
                .endsWith("2 problems\n");
        assertThat(started).isEmpty();
    }

    @Test
    void checkConfigMissesTheAuthFileThatRulesNeed() throws Exception {
        Files.writeString(directory.resolve("hba"), "host replication all all scram-sha-256\n");

        assertThat(run("check-config", "-c", "hba_file=" + directory.resolve("hba")))
                .isEqualTo(1);
        assertThat(err.toString()).contains("hba_file asks for scram-sha-256 but no auth_file is set");
    }

    @Test
    void checkConfigIsContentWithGoodSettings() throws Exception {
        Path file = directory.resolve("walrelay.conf");
        Files.writeString(file, "port = 6000\n");

        assertThat(run("check-config", "--config-file=" + file)).isZero();
        assertThat(out.toString()).isEqualTo("configuration file \"" + file + "\" is valid\n");
    }

    @Test
    void checkConfigWarnsOfALimitThatLeavesNoRoomForWhatMustBeKept() {
        assertThat(run("check-config", "-c", "wal_disk_limit=100MB", "-c", "wal_keep_size=64MB"))
                .isZero();
        assertThat(err.toString())
                .startsWith("WARNING:  \"wal_disk_limit\" must be at least")
                .contains("HINT:  Set wal_disk_limit to 128 MB or more, or lower wal_keep_size.");
    }
}
