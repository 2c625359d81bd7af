package io.walrelay.proxy.hba;

import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.ConfigurationException;
import io.walrelay.proxy.config.Settings;
import io.walrelay.wire.auth.ScramVerifier;
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

    /** What a user has to prove that it knows. */
    public Optional<ScramVerifier> verifier(String user) {
        return Optional.ofNullable(verifiers.get(user));
    }
}
