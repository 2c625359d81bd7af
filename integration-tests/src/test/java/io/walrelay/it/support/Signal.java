package io.walrelay.it.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.proxy.embedded.PostgresCluster;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/** Signals to processes of PostgreSQL. */
public final class Signal {
    private Signal() {}

    /** Stops a standby's walreceiver, so that it takes, flushes and says nothing; returns its pid. */
    public static long stopWalReceiver(PostgresCluster standby) throws IOException, SQLException {
        Optional<String> pid = await("the walreceiver runs")
                .atMost(Duration.ofSeconds(60))
                .until(() -> standby.query("SELECT pid FROM pg_stat_wal_receiver"), Optional::isPresent);
        long process = Long.parseLong(pid.orElseThrow());
        send("STOP", process);
        return process;
    }

    /** Has a stopped process go on. */
    public static void goOn(long pid) throws IOException {
        send("CONT", pid);
    }

    private static void send(String signal, long pid) throws IOException {
        try {
            assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(pid))
                            .start()
                            .waitFor())
                    .isZero();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
