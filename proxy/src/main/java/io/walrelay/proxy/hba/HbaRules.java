package io.walrelay.proxy.hba;

import io.walrelay.proxy.config.Origin;
import java.util.List;

/** The rules in force, in their order. The first that matches decides. */
public record HbaRules(List<HbaRule> rules) {
    public HbaRules {
        rules = List.copyOf(rules);
    }

    /** The rules where there is no hba_file: connections over loopback are trusted, all others are refused. */
    public static HbaRules loopbackOnly() {
        return new HbaRules(List.of(new HbaRule(
                ConnectionType.HOST,
                List.of(new NameMatch.All(), new NameMatch.Replication()),
                List.of(new NameMatch.All()),
                AddressMatch.LOOPBACK,
                HbaMethod.TRUST,
                CertificateRule.NONE,
                new Origin.Default())));
    }

    /** What they say about a client. */
    public HbaDecision decide(ConnectionAttempt attempt) {
        for (HbaRule rule : rules) {
            if (rule.matches(attempt)) {
                return switch (rule.method()) {
                    case TRUST -> new HbaDecision.Trust(rule);
                    case REJECT -> new HbaDecision.Reject(rule);
                    case SCRAM_SHA_256 -> new HbaDecision.Scram(rule);
                    case CERT -> new HbaDecision.Cert(rule);
                };
            }
        }
        return new HbaDecision.NoEntry();
    }

    /** The lines that no connection matches while TLS is off. */
    public List<HbaRule> thatNeedTls() {
        return rules.stream()
                .filter(rule -> rule.type() == ConnectionType.HOSTSSL)
                .toList();
    }

    /** Whether any rule asks for a password, so that an auth_file is needed. */
    public boolean needPasswords() {
        return rules.stream().anyMatch(rule -> rule.method() == HbaMethod.SCRAM_SHA_256);
    }
}
