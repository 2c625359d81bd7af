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
                    true),
            new Target(
                    "fan-out-tls",
                    "Fan-out with TLS from 8 clients up: CPU per GB, relay to PostgreSQL",
                    figure -> figure.metric().equals("server's CPU")
                            && !figure.setting().startsWith("1 client"),
                    Optional.of("PostgreSQL"),
                    0.5,
                    false),
            new Target(
                    "fan-out-tls",
                    "Fan-out with TLS from 8 clients up: rate, relay to PostgreSQL",
                    figure -> figure.metric().equals("rate of all")
                            && !figure.setting().startsWith("1 client"),
                    Optional.of("PostgreSQL"),
                    1.5,
                    true),
            new Target(
                    "latency",
                    "Hop latency: added at p50, relay to a cascading standby",
                    figure -> figure.metric().equals("added, p50"),
                    Optional.of("cascading standby"),
                    0.5,
                    false),
            new Target(
                    "latency",
                    "Hop latency: added at p99, relay to a cascading standby",
                    figure -> figure.metric().equals("added, p99"),
                    Optional.of("cascading standby"),
                    1.0,
                    false),
            new Target(
                    "sync-commit",
                    "Synchronous commit: transactions, relay to pg_receivewal --synchronous",
                    figure -> figure.metric().equals("transactions"),
                    Optional.of("pg_receivewal --synchronous"),
                    1.0,
                    true),
            new Target(
                    "rest",
                    "Resident memory with 100 followers, MB",
                    figure ->
                            figure.metric().equals("memory") && figure.setting().equals("100 clients"),
                    Optional.empty(),
                    160,
                    false),
            new Target(
                    "rest",
                    "CPU at rest, % of a core",
                    figure -> figure.metric().equals("CPU at rest"),
                    Optional.empty(),
                    0.5,
                    false),
            new Target(
                    "rest",
                    "Accepting clients after its start, s",
                    figure -> figure.metric().equals("to accepting clients"),
                    Optional.empty(),
                    1.0,
                    false),
            new Target(
                    "wan",
                    "WAN: bytes of WAL for each on the wire",
                    figure -> figure.metric().equals("WAL for each byte on the wire"),
                    Optional.empty(),
                    4.0,
                    true),
            new Target(
                    "wan",
                    "WAN: rate, relay to relay divided by direct streaming",
                    figure -> figure.metric().equals("rate"),
                    Optional.of("pg_receivewal"),
                    3.0,
                    true));

    private Targets() {}

    /** How the figures stand to all of them; targets of which nothing was measured are left out. */
    public static List<Target.Outcome> outcomes(List<Figure> figures) {
        return ALL.stream().flatMap(target -> target.outcomes(figures).stream()).toList();
    }
}
