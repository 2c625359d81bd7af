package io.walrelay.bench.stage;

import io.walrelay.proxy.embedded.PostgresCluster;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** pgbench, on a primary of this machine. */
public final class Pgbench {
    private static final Pattern TPS = Pattern.compile("tps = ([0-9.]+) ");
    private static final Pattern LATENCY = Pattern.compile("latency average = ([0-9.]+) ms");

    private final Workshop workshop;
    private final PostgresCluster primary;
    private final String tool;

    /**
     * What it tells at its end.
     *
     * @param tps transactions in a second
     * @param latency of one, in ms
     */
    public record Outcome(double tps, double latency) {}

    /** Makes its tables, of so many times 100,000 accounts. */
    public Pgbench(Workshop workshop, PostgresCluster primary, int scale) throws IOException, InterruptedException {
        this.workshop = workshop;
        this.primary = primary;
        tool = workshop.installation().tool("pgbench");
        Child.run("pgbench", workshop.newPath("pgbench.log"), command("-i", "-q", "-s", Integer.toString(scale)));
    }

    /** Simple updates by so many clients, for so many seconds. */
    public Outcome run(int clients, int seconds) throws IOException, InterruptedException {
        String text = Child.run("pgbench", workshop.newPath("pgbench.log"), load(clients, seconds));
        return new Outcome(number(TPS, text), number(LATENCY, text));
    }

    /** Simple updates that go on beside what is measured: so many in a second. */
    public Child start(int clients, int seconds, int rate) throws IOException {
        List<String> command = new ArrayList<>(load(clients, seconds));
        command.add(1, "--rate=" + rate);
        return Child.start("pgbench", workshop.newPath("pgbench.log"), command);
    }

    private List<String> load(int clients, int seconds) {
        return command(
                "-n",
                "-N",
                "-M",
                "prepared",
                "-c",
                Integer.toString(clients),
                "-j",
                Integer.toString(Math.min(clients, Runtime.getRuntime().availableProcessors())),
                "-T",
                Integer.toString(seconds));
    }

    private List<String> command(String... options) {
        List<String> command = new ArrayList<>(List.of(tool));
        command.addAll(List.of(options));
        command.addAll(
                List.of("-h", "127.0.0.1", "-p", Integer.toString(primary.port()), "-U", "postgres", "postgres"));
        return command;
    }

    private static double number(Pattern pattern, String text) throws IOException {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new IOException("pgbench said: " + text);
        }
        return Double.parseDouble(matcher.group(1));
    }
}
