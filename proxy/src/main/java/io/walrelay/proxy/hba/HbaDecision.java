package io.walrelay.proxy.hba;

import io.netty.util.NetUtil;
import java.util.Optional;

/** What pg_hba.conf says about a client. */
public sealed interface HbaDecision {
    /** Let in without a password. */
    record Trust(HbaRule rule) implements HbaDecision {}

    /** Ask for a password. */
    record Scram(HbaRule rule) implements HbaDecision {}

    /** The client's certificate says who it is. */
    record Cert(HbaRule rule) implements HbaDecision {}

    /** A rule turns the client away. */
    record Reject(HbaRule rule) implements HbaDecision {}

    /** No rule matches. */
    record NoEntry() implements HbaDecision {}

    /** The line that decided; empty if none did. */
    default Optional<HbaRule> decidedBy() {
        return switch (this) {
            case Trust trust -> Optional.of(trust.rule());
            case Scram scram -> Optional.of(scram.rule());
            case Cert cert -> Optional.of(cert.rule());
            case Reject reject -> Optional.of(reject.rule());
            case NoEntry none -> Optional.empty();
        };
    }

    /**
     * The message for a client that is turned away (FATAL, SQLSTATE 28000), in the words of a server of that major
     * version; empty if it is not turned away.
     */
    default Optional<String> refusal(ConnectionAttempt attempt, int serverMajor) {
        return switch (this) {
            case Trust trust -> Optional.empty();
            case Scram scram -> Optional.empty();
            case Cert cert -> Optional.empty();
            case Reject reject ->
                Optional.of("pg_hba.conf rejects %s for %s".formatted(kind(attempt), client(attempt, serverMajor)));
            case NoEntry none ->
                Optional.of("no pg_hba.conf entry for %s%s"
                        .formatted(
                                attempt.replication() ? "replication connection from " : "",
                                client(attempt, serverMajor)));
        };
    }

    private static String kind(ConnectionAttempt attempt) {
        return attempt.replication() ? "replication connection" : "connection";
    }

    private static String client(ConnectionAttempt attempt, int serverMajor) {
        String database = attempt.replication() ? "" : "database \"%s\", ".formatted(attempt.database());
        return "host \"%s\", user \"%s\", %s%s"
                .formatted(
                        NetUtil.toAddressString(attempt.address()),
                        attempt.user(),
                        database,
                        serverMajor >= 14
                                ? attempt.tls() ? "SSL encryption" : "no encryption"
                                : attempt.tls() ? "SSL on" : "SSL off");
    }
}
