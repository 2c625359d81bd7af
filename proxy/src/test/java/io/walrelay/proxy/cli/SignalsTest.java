package io.walrelay.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Signals are sent to a process of its own. */
@Timeout(60)
final class SignalsTest {
    @TempDir
    private Path directory;

    private Path file = Path.of("");
    private Path log = Path.of("");

    @SuppressWarnings("NullAway.Init") // set before each test
    private Process process;

    @SuppressWarnings("NullAway.Init") // set before each test
    private BufferedReader output;

    @BeforeEach
    void startProgram() throws IOException {
        file = directory.resolve("walrelay.conf");
        log = directory.resolve("log");
        Files.writeString(file, "wal_sender_timeout = 1s\n");
        // A build in the background of a script ignores SIGINT, and so would what it starts.
        process = new ProcessBuilder(
                        "env",
                        "--default-signal=INT,HUP,TERM",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        BlockingRelay.class.getName(),
                        "serve",
                        "--config-file=" + file)
                .redirectError(log.toFile())
                .start();
        output = process.inputReader(StandardCharsets.UTF_8);
        assertThat(output.readLine()).isEqualTo("started 1s");
        assertThat(output.readLine()).isEqualTo("waiting");
    }

    @AfterEach
    void endProgram() {
        process.destroyForcibly();
    }

    private void send(String signal) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    @ParameterizedTest
    @CsvSource({"TERM, SMART, smart", "INT, FAST, fast"})
    void signalStopsTheRelayAndTheExitCodeIsZero(String signal, String mode, String title) throws Exception {
        send(signal);

        assertThat(output.readLine()).isEqualTo("stopping " + mode);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        assertThat(Files.readString(log)).contains("LOG:  received " + title + " shutdown request");
    }

    @Test
    void laterSignalGoesFurtherAndTheSameOneDoesNothing() throws Exception {
        // Given
        Files.writeString(file, "wal_sender_shutdown_timeout = -1\n");
        send("HUP");
        assertThat(output.readLine()).startsWith("reloaded");
        send("TERM");
        assertThat(output.readLine()).isEqualTo("stopping SMART");
        send("TERM");

        // When
        send("INT");

        // Then
        assertThat(output.readLine()).isEqualTo("stopping FAST");
        assertThat(process.isAlive()).isTrue();

        // When
        send("INT");

        // Then
        assertThat(output.readLine()).isEqualTo("stopping WITHOUT_CLIENTS");
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    @Test
    void hangupReloadsTheSettingsAndABadValueChangesNothing() throws Exception {
        // Given
        Files.writeString(file, "wal_sender_timeout = 2s\nport = 7\n");

        // When
        send("HUP");

        // Then
        assertThat(output.readLine()).isEqualTo("reloaded 2s");

        // Given
        Files.writeString(file, "wal_sender_timeout = x\n");

        // When
        send("HUP");

        // Then
        assertThat(output.readLine()).isEqualTo("reloaded 2s");
        send("TERM");
        assertThat(output.readLine()).isEqualTo("stopping SMART");
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readString(log))
                .contains("LOG:  invalid value for parameter \"wal_sender_timeout\": \"x\" in file \"" + file
                        + "\" line 1\n")
                .contains("LOG:  parameter \"port\" cannot be changed without restarting the server\n")
                .contains("LOG:  parameter \"wal_sender_timeout\" changed to \"2s\"\n");
    }
}
