package io.walrelay.proxy.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** The picture on the terminal: drawn over itself where there is one, a line at a time where there is not. */
final class LiveView {
    private static final String UP_FIVE_LINES = "\u001B[5A";
    private static final String CLEAR_LINE = "\u001B[K";

    private final PrintStream out;
    private final boolean terminal;
    private final Stage stage;
    private boolean drawn;

    LiveView(PrintStream out, boolean terminal, Stage stage) {
        this.out = out;
        this.terminal = terminal;
        this.stage = stage;
    }

    /** Whether this process's standard output is a terminal. */
    static boolean isTerminal() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException e) {
            return false;
        }
    }

    /** Shows a sample. */
    void show(Traffic.Sample sample) {
        String delay = sample.delayMicros() < 0
                ? "not replayed within 2 s"
                : String.format(Locale.ROOT, "%.1f ms from commit to replay", sample.delayMicros() / 1000.0);
        if (!terminal) {
            out.printf(
                    Locale.ROOT,
                    "primary %s %d rows -> relay %s %d bytes behind -> standby %s %d bytes behind, %s, %d rows%n",
                    sample.primaryLsn(),
                    sample.primaryRows(),
                    sample.relayLsn(),
                    sample.relayLag(),
                    sample.standbyLsn(),
                    sample.standbyLag(),
                    delay,
                    sample.standbyRows());
            return;
        }
        if (drawn) {
            out.print(UP_FIVE_LINES);
        }
        drawn = true;
        line("primary", stage.primary().port(), sample.primaryLsn(), rows(sample.primaryRows()));
        out.println("     |" + CLEAR_LINE);
        line("relay", stage.relay().port(), sample.relayLsn(), bytes(sample.relayLag()));
        out.println("     |" + CLEAR_LINE);
        line(
                "standby",
                stage.standby().port(),
                sample.standbyLsn(),
                rows(sample.standbyRows()) + "  " + bytes(sample.standbyLag()) + "  " + delay);
        out.flush();
    }

    private void line(String node, int port, String lsn, String rest) {
        out.printf(Locale.ROOT, "  %-8s 127.0.0.1:%-6d %-12s %s%s%n", node, port, lsn, rest, CLEAR_LINE);
    }

    private static String rows(long rows) {
        return String.format(Locale.ROOT, "%,10d rows", rows);
    }

    private static String bytes(long bytes) {
        return String.format(Locale.ROOT, "%,10d bytes behind", bytes);
    }
}
