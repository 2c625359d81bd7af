package io.walrelay.proxy.session;

import io.walrelay.proxy.backup.BackupPassthrough;
import io.walrelay.proxy.cluster.Cluster;
import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.hba.AccessRules;
import io.walrelay.proxy.slot.SlotRegistry;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.proxy.walsender.SenderRegistry;
import io.walrelay.proxy.walsender.SenderWakeups;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What every session works with.
 *
 * @param configuration the settings in force, at each moment
 * @param access who may connect, at each moment
 * @param cluster what can be served
 * @param slots of this relay
 * @param sessions the live ones
 * @param senders what each replication session does, for others to see
 * @param wakeups of a WAL store
 * @param console for ordinary connections, which are refused without
 * @param backups makes the connection to the upstream that BASE_BACKUP needs
 * @param tls what connections are encrypted with
 */
public record Downstream(
        Supplier<Configuration> configuration,
        Supplier<AccessRules> access,
        Cluster cluster,
        SlotRegistry slots,
        SessionRegistry sessions,
        SenderRegistry senders,
        Function<WalStore, SenderWakeups> wakeups,
        Optional<ConsoleAccess> console,
        BackupPassthrough.Factory backups,
        DownstreamTls tls,
        Clock clock) {
    /** The newest major version speaks for a relay that does not know its upstream yet. */
    private static final int UNKNOWN_MAJOR = 18;

    /** The major version of the server that the relay stands in for. */
    int major() {
        return cluster.known().map(known -> known.server().major()).orElse(UNKNOWN_MAJOR);
    }
}
