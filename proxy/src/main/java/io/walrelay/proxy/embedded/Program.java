package io.walrelay.proxy.embedded;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Runs one of PostgreSQL's programs as the user that PostgreSQL accepts, with an environment that is always the same.
 */
final class Program {
    /**
     * Starts every child. The kernel ties a child's parent-death signal to the <em>thread</em> that started it, so that
     * thread lives as long as this JVM.
     */
    private static final Executor STARTER = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("postgres-starter").factory());

    private Program() {}

    /** Starts the program; what it prints is appended to the log. */
    static Process start(List<String> command, Path directory, Path log) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(ServerUser.current().commandLine(command))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
        builder.environment().put("LC_ALL", "C");
        builder.environment().put("TZ", "UTC");
        try {
            return CompletableFuture.supplyAsync(
                            () -> {
                                try {
                                    return builder.start();
                                } catch (IOException e) {
                                    throw new CompletionException(e);
                                }
                            },
                            STARTER)
                    .join();
        } catch (CompletionException e) {
            throw new IOException("could not start " + command.getFirst(), e.getCause());
        }
    }

    /**
     * Runs the program to its end.
     *
     * @throws IOException with what it printed, when it fails or takes longer than the limit
     */
    static void run(List<String> command, Path directory, Duration limit) throws IOException {
        Path output = Files.createTempFile(directory, ".output-", ".log");
        try {
            Process process = start(command, directory, output);
            if (!waitFor(process, limit)) {
                process.destroyForcibly();
                throw new IOException(command + " did not end within " + limit.toSeconds() + " s: " + read(output));
            }
            if (process.exitValue() != 0) {
                throw new IOException(command + " failed with status " + process.exitValue() + ": " + read(output));
            }
        } finally {
            Files.deleteIfExists(output);
        }
    }

    /** Waits for the end of a process; an interrupt becomes an {@link InterruptedIOException}. */
    static boolean waitFor(Process process, Duration limit) throws IOException {
        try {
            return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for process " + process.pid());
        }
    }

    /** Waits for the end of processes that need not be children of this one; tells whether it has come. */
    static boolean waitForAll(List<ProcessHandle> processes, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (processes.stream().anyMatch(ProcessHandle::isAlive)) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        return true;
    }

    private static String read(Path output) throws IOException {
        return new String(Files.readAllBytes(output), StandardCharsets.UTF_8).strip();
    }
}
