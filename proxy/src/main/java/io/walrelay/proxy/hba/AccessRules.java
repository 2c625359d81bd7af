package io.walrelay.proxy.hba;

import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.ConfigurationException;
import io.walrelay.proxy.config.Problem;
import io.walrelay.proxy.config.Settings;
import io.walrelay.wire.auth.ScramVerifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who may connect, and with which password: {@code hba_file} and {@code auth_file} as they were when they were read.
 *
 * @param hba the rules
 * @param verifiers of the users in the auth_file
 */
public record AccessRules(HbaRules hba, Map<String, ScramVerifier> verifiers) {
    /** Copies the map. */
    public AccessRules {
        verifiers = Map.copyOf(verifiers);
    }

    /** Reads both files. @throws ConfigurationException with every problem of the first file that has any */
    public static AccessRules load(Configuration configuration) throws ConfigurationException {
        HbaRules hba = HbaFile.load(configuration.get(Settings.HBA_FILE));
        return new AccessRules(hba, RoleFile.load(configuration.get(Settings.AUTH_FILE)));
    }

    /** Reads both files, and throws away what is in them. @throws ConfigurationException with every problem of both */
    public static void check(Configuration configuration) throws ConfigurationException {
        List<Problem> problems = new ArrayList<>();
        try {
            HbaRules rules = HbaFile.load(configuration.get(Settings.HBA_FILE));
            if (rules.needPasswords() && configuration.get(Settings.AUTH_FILE).isEmpty()) {
                problems.add(Problem.of(
                        "hba_file asks for scram-sha-256 but no auth_file is set",
                        "Set auth_file to a file of lines \"user\" \"SCRAM-SHA-256$...\"."));
            }
        } catch (ConfigurationException e) {
            problems.addAll(e.problems());
        }
        try {
            RoleFile.load(configuration.get(Settings.AUTH_FILE));
        } catch (ConfigurationException e) {
            problems.addAll(e.problems());
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }

    /** What a user has to prove that it knows. */
    public Optional<ScramVerifier> verifier(String user) {
        return Optional.ofNullable(verifiers.get(user));
    }
}
