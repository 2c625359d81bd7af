package io.walrelay.it.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * PostgreSQL's own client tools of one major version, as a distribution installs them: {@code pg_basebackup},
 * {@code pg_receivewal}, {@code pgbench} and the rest. Where they are not, a test is skipped and says how to get them.
 */
public final class ClientTools {
    /** More places to look in, separated by colons: directories that hold the tools. */
    private static final String PROPERTY = "walrelay.it.tools";

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Path bin;

    private ClientTools(Path bin) {
        this.bin = bin;
    }

    /** The tools of this major version; skips the test where there are none. */
    public static ClientTools require(int major) {
        List<Path> places = new ArrayList<>();
        for (String place : System.getProperty(PROPERTY, "").split(":", -1)) {
            if (!place.isEmpty()) {
                places.add(Path.of(place));
            }
        }
        places.add(Path.of("/usr/lib/postgresql", Integer.toString(major), "bin"));
        places.add(Path.of("/usr/pgsql-" + major, "bin"));
        for (Path place : places) {
            if (versionIn(place) == major) {
                return new ClientTools(place);
            }
        }
        return abort("PostgreSQL " + major + "'s client tools were not found; on Debian and Ubuntu install postgresql-"
                + major + " (pgbench and pg_verifybackup are in it), or name their directory with -D" + PROPERTY
                + "=DIR");
    }

    /** Where a tool is. */
    public String path(String tool) {
        return bin.resolve(tool).toString();
    }

    /** Runs a tool to its end and returns what it printed; a failure fails the test. */
    public String run(String tool, String... arguments) throws IOException {
        Path output = Files.createTempFile("walrelay-tool-", ".log");
        try {
            Process process = start(output, tool, arguments);
            assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .as(() -> tool + " ends: " + read(output))
                    .isTrue();
            assertThat(process.exitValue())
                    .as(() -> tool + " " + String.join(" ", arguments) + ": " + read(output))
                    .isZero();
            return read(output);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } finally {
            Files.deleteIfExists(output);
        }
    }

    /** Starts a tool; what it prints is appended to a file. */
    public Process start(Path output, String tool, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(path(tool)));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
        builder.environment().put("LC_ALL", "C");
        Process process = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        return process;
    }

    /** Starts {@code pg_receivewal} at a port of this machine; it ends with its connection. */
    public Process receiveWal(int port, WalDirectory directory, String... options) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "-h",
                "127.0.0.1",
                "-p",
                Integer.toString(port),
                "-U",
                "postgres",
                "-D",
                directory.path().toString(),
                "--no-loop"));
        arguments.addAll(List.of(options));
        return start(directory.logFile(), "pg_receivewal", arguments.toArray(String[]::new));
    }

    /** SIGINT, at which {@code pg_receivewal} ends in good order. */
    public static void interrupt(Process process) throws IOException {
        try {
            new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
                    .start()
                    .waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private static int versionIn(Path place) {
        Path program = place.resolve("pg_receivewal");
        if (!Files.isExecutable(program)) {
            return -1;
        }
        try {
            Process process = new ProcessBuilder(program.toString(), "--version")
                    .redirectErrorStream(true)
                    .start();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            // "pg_receivewal (PostgreSQL) 15.18 (Debian ...)"
            return Stream.of(text.split(" ", -1))
                    .filter(word -> word.matches("\\d+[.\\d]*\\s*"))
                    .map(word -> Integer.parseInt(word.strip().split("\\.", 2)[0]))
                    .findFirst()
                    .orElse(-1);
        } catch (IOException e) {
            return -1;
        }
    }

    private static String read(Path output) {
        try {
            return Files.readString(output, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "(" + e + ")";
        }
    }
}
