package io.walrelay.proxy.hba;

import io.netty.util.NetUtil;
import io.walrelay.proxy.config.Origin;
import java.util.List;
import java.util.Optional;

/** One line of pg_hba.conf.
 *
 * @param databases any of them must match
 * @param users any of them must match
 * @param addresses any of them must match
 * @param certificate what the client's certificate must be
 * @param origin where it stands
 */
public record HbaRule(
        ConnectionType type,
        List<NameMatch> databases,
        List<NameMatch> users,
        List<AddressMatch> addresses,
        HbaMethod method,
        CertificateRule certificate,
        Origin origin) {
    public HbaRule {
        databases = List.copyOf(databases);
        users = List.copyOf(users);
        addresses = List.copyOf(addresses);
    }

    /** The database field, as {@code pg_hba_file_rules} shows it. */
    public List<String> shownDatabases() {
        return databases.stream().map(NameMatch::shown).toList();
    }

    /** The user field. */
    public List<String> shownUsers() {
        return users.stream().map(NameMatch::shown).toList();
    }

    /** The address field; empty where there is none. A line has one address. */
    public Optional<String> shownAddress() {
        return addresses.stream().findFirst().map(address -> switch (address) {
            case AddressMatch.All all -> "all";
            case AddressMatch.Range range -> NetUtil.toAddressString(range.network());
            case AddressMatch.Same same -> same.network() ? "samenet" : "samehost";
        });
    }

    /** The mask of the address; empty where it is a word. */
    public Optional<String> shownNetmask() {
        return addresses.stream().findFirst().flatMap(address -> switch (address) {
            case AddressMatch.All all -> Optional.empty();
            case AddressMatch.Range range ->
                Optional.of(NetUtil.toAddressString(IpAddress.mask(range.network(), range.bits())));
            case AddressMatch.Same same -> Optional.empty();
        });
    }

    /** The options, as {@code pg_hba_file_rules} shows them. */
    public List<String> shownOptions() {
        return certificate.shown();
    }

    boolean matches(ConnectionAttempt attempt) {
        return type.matches(attempt.tls())
                && matchesDatabase(attempt)
                && users.stream().anyMatch(user -> user.matches(attempt, attempt.user()))
                && addresses.stream().anyMatch(address -> address.matches(attempt.address()));
    }

    /** A physical replication connection has no database: only the keyword matches it (check_db of hba.c). */
    private boolean matchesDatabase(ConnectionAttempt attempt) {
        return databases.stream()
                .filter(database -> attempt.replication() == database instanceof NameMatch.Replication)
                .anyMatch(database -> database.matches(attempt, attempt.database()));
    }
}
