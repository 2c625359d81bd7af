package io.walrelay.it.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.walrelay.proxy.embedded.FreePort;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** {@code ./walrelay serve}: the relay with the Java and the options that its users get. */
public final class LauncherProcess implements Closeable {
    private final Process process;
    private final Path log;
    private final int port;

    private LauncherProcess(Process process, Path log, int port) {
        this.process = process;
        this.log = log;
        this.port = port;
    }

    /** Starts it; skips the test where the program has not been built into its directory. */
    public static LauncherProcess start(Path directory, Map<String, String> settings) throws IOException {
        return startThrough(List.of(), directory, settings);
    }

    /** As {@link #start}, by a command that becomes the launcher, such as {@code nohup}. */
    public static LauncherProcess startThrough(List<String> by, Path directory, Map<String, String> settings)
            throws IOException {
        Path root = builtRepository("proxy/target/walrelay", "lib/walrelay.jar");
        int port = FreePort.next();
        List<String> command = new ArrayList<>(by);
        command.addAll(List.of(root.resolve("walrelay").toString(), "serve"));
        command.addAll(List.of("-c", "data_directory=" + directory.resolve("data"), "-c", "port=" + port));
        settings.forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
        Path log = directory.resolve("server.log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().remove("WALRELAY_JAVA_OPTS");
        Process process = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        return new LauncherProcess(process, log, port);
    }

    /** Runs the launcher to its end, which must be a success; returns what it printed on standard output. */
    public static String run(Path directory, List<String> arguments) throws IOException, InterruptedException {
        Path out = directory.resolve("launcher.out");
        Path err = directory.resolve("launcher.err");
        int status = run(arguments, out, err);
        assertThat(status).as(() -> "the status; it said " + read(err)).isZero();
        return Files.readString(out, StandardCharsets.UTF_8);
    }

    /** Runs the launcher to its end, which must be none; returns what it printed on standard error. */
    public static String runFailing(Path directory, List<String> arguments) throws IOException, InterruptedException {
        Path err = directory.resolve("launcher.err");
        assertThat(run(arguments, directory.resolve("launcher.out"), err)).isNotZero();
        return read(err);
    }

    private static int run(List<String> arguments, Path out, Path err) throws IOException, InterruptedException {
        builtRepository("proxy/target/walrelay", "lib/walrelay.jar");
        Path root = builtRepository("benchmarks/target/bench", "lib/walrelay-bench.jar");
        List<String> command = new ArrayList<>(List.of(root.resolve("walrelay").toString()));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
        return process.waitFor();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "(" + e + ")";
        }
    }

    /** The directory of the launcher, where a program has been built; skips the test where it has not. */
    private static Path builtRepository(String directory, String jar) throws IOException {
        Path root = repository();
        Path program = root.resolve(directory);
        assumeTrue(
                Files.exists(program.resolve(jar)),
                () -> "the program is not in " + program + ": build it with \"mvn package\"");
        // The build that runs this test has just built it, whatever the times of the sources are: it must not build
        // now.
        Path stamp = program.resolve(".built");
        if (!Files.exists(stamp)) {
            Files.createFile(stamp);
        }
        Files.setLastModifiedTime(stamp, FileTime.from(Instant.now()));
        return root;
    }

    /** The directory of the launcher, which is this module's or one above it. */
    private static Path repository() {
        for (Path path = Path.of("").toAbsolutePath(); path != null; path = path.getParent()) {
            if (Files.isRegularFile(path.resolve("walrelay"))) {
                return path;
            }
        }
        throw new IllegalStateException(
                "there is no launcher above " + Path.of("").toAbsolutePath());
    }

    /** Where it listens. */
    public int port() {
        return port;
    }

    /** Its process id: the launcher becomes the program. */
    public long pid() {
        return process.pid();
    }

    /** What it has logged. */
    public String log() throws IOException {
        return Files.readString(log, StandardCharsets.UTF_8);
    }

    /** Sends it a signal, such as {@code HUP}. */
    public void signal(String name) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    /** Waits until it has ended; tells its exit status. */
    public int awaitEnd() throws InterruptedException {
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
