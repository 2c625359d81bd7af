package io.walrelay.bench.figure;

import java.util.List;
import java.util.Optional;

/** What the relay is to reach, as its makers have set it. */
public final class Targets {
    private static final List<Target> ALL = List.of(
            new Target(
                    "ingest",
                    "Ingest: wall time, relay to pg_receivewal",
                    figure -> figure.metric().equals("wall time"),
                    Optional.of("pg_receivewal"),
                    1.0,
                    false),
            new Target(
                    "ingest",
                    "Ingest: CPU per GB, relay to pg_receivewal",
                    figure -> figure.metric().equals("CPU") && figure.unit().equals("s/GB"),
                    Optional.of("pg_receivewal"),
                    1.0,
                    false),
            new Target(
                    "fan-out",
                    "Fan-out from 8 clients up: CPU per GB, relay to PostgreSQL",
                    figure -> figure.metric().equals("server's CPU")
                            && !figure.setting().startsWith("1 client"),
                    Optional.of("PostgreSQL"),
                    0.5,
                    false),
            new Target(
                    "fan-out",
                    "Fan-out from 8 clients up: rate, relay to PostgreSQL",
                    figure -> figure.metric().equals("rate of all")
                            && !figure.setting().startsWith("1 client"),
                    Optional.of("PostgreSQL"),
                    1.5,
                    true));

    private Targets() {}

    /** How the figures stand to all of them; targets of which nothing was measured are left out. */
    public static List<Target.Outcome> outcomes(List<Figure> figures) {
        return ALL.stream().flatMap(target -> target.outcomes(figures).stream()).toList();
    }
}
