package io.walrelay.bench.stage;

import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program that runs beside this one; it is killed when this is closed. */
public final class Child implements Closeable {
    private static final long PATIENCE_SECONDS = 60;

    private final String name;
    private final Process process;
    private final Path log;

    private Child(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
    }

    /** Starts it; what it prints goes to {@code log}. */
    public static Child start(String name, Path log, List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.to(log.toFile()));
        builder.environment().keySet().removeIf(variable -> variable.startsWith("PG"));
        builder.environment().put("LC_ALL", "C");
        return new Child(name, builder.start(), log);
    }

    /** Runs it to its end and returns what it printed; anything but success is an error. */
    public static String run(String name, Path log, List<String> command) throws IOException, InterruptedException {
        try (Child child = start(name, log, command)) {
            int status = child.process.waitFor();
            if (status != 0) {
                throw new IOException(name + " failed with status " + status + ": " + child.output());
            }
            return child.output();
        }
    }

    /** Its process. */
    public long pid() {
        return process.pid();
    }

    /** What it has printed. */
    public String output() throws IOException {
        return Files.readString(log, StandardCharsets.UTF_8).strip();
    }

    /** Fails if it has ended. */
    public void checkAlive() throws IOException {
        if (!process.isAlive()) {
            throw new IOException(name + " ended with status " + process.exitValue() + ": " + output());
        }
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException(name + " survived SIGKILL");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
