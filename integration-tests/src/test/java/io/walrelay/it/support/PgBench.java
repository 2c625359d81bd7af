package io.walrelay.it.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.proxy.embedded.PostgresCluster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;

/** PostgreSQL's {@code pgbench} at a primary: four clients with TPC-B-like transactions, until it is closed. */
public final class PgBench implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String LONGER_THAN_ANY_TEST = "600";

    private final PostgresCluster primary;
    private final Path output;
    private final Process process;

    private PgBench(PostgresCluster primary, Path output, Process process) {
        this.primary = primary;
        this.output = output;
        this.process = process;
    }

    /** Makes its tables and starts it. */
    public static PgBench on(PostgresCluster primary, ClientTools tools, Path directory) throws IOException {
        String port = Integer.toString(primary.port());
        tools.run("pgbench", "-h", "127.0.0.1", "-p", port, "-U", "postgres", "-i", "-I", "dtgp", "-q", "postgres");
        Path output = directory.resolve("pgbench.log");
        Process process = tools.start(
                output,
                "pgbench",
                "-h",
                "127.0.0.1",
                "-p",
                port,
                "-U",
                "postgres",
                "-n",
                "-c",
                "4",
                "-T",
                LONGER_THAN_ANY_TEST,
                "postgres");
        return new PgBench(primary, output, process);
    }

    /** Waits until a hundred more transactions are committed, as others see them: not those that still wait. */
    public void awaitMore() throws SQLException {
        int enough = transactions() + 100;
        await("pgbench goes on").atMost(PATIENCE).until(() -> transactions() >= enough);
    }

    private int transactions() throws SQLException {
        assertThat(process.isAlive()).as(this::log).isTrue();
        return Integer.parseInt(
                primary.query("SELECT count(*) FROM pgbench_history").orElseThrow());
    }

    private String log() {
        try {
            return "pgbench runs: " + Files.readString(output, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Ends it; fails if a transaction of it has failed. */
    @Override
    public void close() {
        assertThat(process.isAlive()).as(this::log).isTrue();
        process.destroy();
        await("pgbench ends").atMost(PATIENCE).until(() -> !process.isAlive());
        assertThat(log()).doesNotContain("ERROR").doesNotContain("aborted");
    }
}
