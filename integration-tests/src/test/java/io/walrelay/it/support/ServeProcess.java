package io.walrelay.it.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.proxy.embedded.FreePort;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** {@code walrelay serve} as a process of its own, which can be killed and started again. */
public final class ServeProcess implements Relay {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path log;
    private final Path file;
    private final Map<String, String> configured = new LinkedHashMap<>();
    private final int port;
    private final Map<String, String> settings = new LinkedHashMap<>();
    private @Nullable Process process;

    /** A relay behind what {@code primaryConninfo} names, with its files in {@code directory}; not started. */
    ServeProcess(Path directory, String primaryConninfo, Map<String, String> settings) throws IOException {
        port = FreePort.next();
        log = directory.resolve("server.log");
        file = Files.createFile(directory.resolve("walrelay.conf"));
        this.settings.put("data_directory", directory.resolve("data").toString());
        this.settings.put("listen_addresses", "127.0.0.1");
        this.settings.put("port", Integer.toString(port));
        this.settings.put("primary_conninfo", primaryConninfo);
        this.settings.put("wal_retrieve_retry_interval", "200ms");
        this.settings.put("log_replication_commands", "on");
        this.settings.putAll(settings);
    }

    /** Starts it and waits until it answers. */
    public ServeProcess start() throws IOException {
        // As the launcher does: a build started by nohup or in the background ignores signals, and so would the relay.
        List<String> command = new ArrayList<>(List.of(
                "env",
                "--default-signal=HUP,INT,QUIT,TERM",
                ProcessHandle.current().info().command().orElse("java"),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-Xms32m",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                "io.walrelay.proxy.cli.Main",
                "serve",
                "--config-file=" + file));
        settings.forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
        Process started = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        process = started;
        Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).until(() -> {
            assertThat(started.isAlive()).as(() -> "the relay ended: " + log()).isTrue();
            return answers();
        });
        return this;
    }

    /** Kill -9. */
    public void kill() throws IOException {
        end(true);
    }

    /** SIGTERM, and waits for the end. */
    public void stop() throws IOException {
        end(false);
    }

    /** Gives a setting another value from the next start on. */
    public ServeProcess set(String name, String value) {
        settings.put(name, value);
        return this;
    }

    /**
     * Gives a setting that is given nowhere else another value in the file, from the next start or {@link #reload} on.
     */
    public ServeProcess configure(String name, String value) throws IOException {
        configured.put(name, value);
        StringBuilder text = new StringBuilder();
        configured.forEach((setting, to) -> text.append(setting)
                .append(" = '")
                .append(to.replace("'", "''"))
                .append("'\n"));
        Files.writeString(file, text, StandardCharsets.UTF_8);
        return this;
    }

    /** The file of its settings. */
    public Path file() {
        return file;
    }

    /** SIGHUP: it reads its files again. */
    public void reload() throws IOException {
        signal("HUP");
    }

    /** It does nothing any more, and its connections stay. */
    public void freeze() throws IOException {
        signal("STOP");
    }

    /** It goes on. */
    public void thaw() throws IOException {
        signal("CONT");
    }

    /** Sends it a signal, such as {@code INT}. */
    public void signal(String name) throws IOException {
        try {
            assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(pid()))
                            .start()
                            .waitFor())
                    .isZero();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    /** Waits until it has ended; tells its exit code. */
    public int awaitEnd() throws IOException {
        Process running = process;
        if (running == null) {
            throw new IllegalStateException("never started");
        }
        awaitEnd(running);
        return running.exitValue();
    }

    /** Where its files are. */
    public Path dataDirectory() {
        return Path.of(settings.getOrDefault("data_directory", ""));
    }

    /** Its process id. */
    public long pid() {
        Process running = process;
        return running == null ? -1 : running.pid();
    }

    /** Whether it runs. */
    public boolean isAlive() {
        Process running = process;
        return running != null && running.isAlive();
    }

    /** What it has logged. */
    public String log() {
        try {
            return Files.readString(log, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "(" + e + ")";
        }
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public void close() throws IOException {
        kill();
    }

    private void end(boolean forcibly) throws IOException {
        Process running = process;
        if (running == null) {
            return;
        }
        if (forcibly) {
            running.destroyForcibly();
        } else {
            running.destroy();
        }
        awaitEnd(running);
    }

    private void awaitEnd(Process running) throws IOException {
        try {
            assertThat(running.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .as(() -> "the relay ends: " + log())
                    .isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private boolean answers() {
        try (RawReplicationClient client = RawReplicationClient.connect(port)) {
            return RawReplicationClient.isComplete(client.logIn().answer("IDENTIFY_SYSTEM"));
        } catch (IOException e) {
            return false;
        }
    }
}
