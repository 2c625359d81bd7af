package io.walrelay.proxy.demo;

import io.walrelay.proxy.config.ConfigurationException;
import java.io.IOException;
import java.io.PrintStream;
import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * {@code walrelay demo}. It needs no PostgreSQL installed and leaves nothing behind: servers, relay and files go when
 * it ends, also when Ctrl-C ends it.
 */
public final class Demo {
    /** What it is run for. */
    public enum Purpose {
        /** To show rows flowing until Ctrl-C. */
        SHOW,
        /** To prove that it works, and end. */
        PROVE,
        /** To have the relay do once what relays do, and end: see {@link Rehearsal}. */
        REHEARSE
    }

    private static final int ROWS_A_LOOK = 10;
    private static final long TERMINAL_INTERVAL_MILLIS = 250;
    private static final long PLAIN_INTERVAL_MILLIS = 2000;
    private static final long CLEAN_UP_SECONDS = 30;

    private final DemoRelay.Starter relay;

    /** A demo of the relay that {@code relay} starts. */
    public Demo(DemoRelay.Starter relay) {
        this.relay = relay;
    }

    /**
     * Runs it.
     *
     * @param out where everything is printed; ANSI sequences are used where standard output is a terminal
     * @return the exit code of the process: 0, or 1 when something failed, whose reason was printed
     */
    public int run(Purpose purpose, PrintStream out) {
        CountDownLatch interrupted = new CountDownLatch(1);
        CountDownLatch cleanedUp = new CountDownLatch(1);
        Thread hook = new Thread(() -> cleanUp(interrupted, cleanedUp), "demo-clean-up");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            return run(purpose, out, interrupted);
        } finally {
            cleanedUp.countDown();
        }
    }

    private int run(Purpose purpose, PrintStream out, CountDownLatch interrupted) {
        long begun = System.nanoTime();
        try (Stage stage = new Stage(relay, step -> out.println(step + " ..."))) {
            out.printf("ready in %.1f s%n", (System.nanoTime() - begun) / 1e9);
            switch (purpose) {
                case SHOW -> show(stage, out, interrupted);
                case PROVE -> {
                    new Proof(stage, out).show();
                    out.println("proved: a real standby follows a real primary through the relay");
                }
                case REHEARSE -> new Rehearsal(stage).run();
            }
            return 0;
        } catch (Proof.Failed | IOException | SQLException | ConfigurationException e) {
            if (interrupted.getCount() == 0) {
                return 1; // what fails while everything is being stopped is no news
            }
            out.println("FAILED: " + e.getMessage());
            return 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    private static void show(Stage stage, PrintStream out, CountDownLatch interrupted)
            throws SQLException, InterruptedException {
        boolean terminal = LiveView.isTerminal();
        out.println("rows flow; Ctrl-C ends it and removes everything. More rows:");
        out.println("  psql -h 127.0.0.1 -p " + stage.primary().port() + " -U postgres -c"
                + " \"INSERT INTO measurement (content) VALUES ('mine')\"");
        out.println();
        LiveView view = new LiveView(out, terminal, stage);
        try (Traffic traffic = new Traffic(stage.primary(), stage.standby())) {
            do {
                view.show(traffic.sample(ROWS_A_LOOK));
            } while (!interrupted.await(
                    terminal ? TERMINAL_INTERVAL_MILLIS : PLAIN_INTERVAL_MILLIS, TimeUnit.MILLISECONDS));
        }
    }

    /** At Ctrl-C the JVM waits for this, and this waits for the thread that owns the servers. */
    private static void cleanUp(CountDownLatch interrupted, CountDownLatch cleanedUp) {
        interrupted.countDown();
        try {
            if (!cleanedUp.await(CLEAN_UP_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("the demo could not clean up in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
