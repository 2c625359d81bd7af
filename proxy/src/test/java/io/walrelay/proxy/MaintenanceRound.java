package io.walrelay.proxy;

import io.walrelay.proxy.cluster.Cluster;
import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.session.SessionRegistry;
import io.walrelay.proxy.slot.SlotRegistry;
import java.util.Optional;
import java.util.function.Supplier;

/** Gives tests in other packages what the maintenance thread does from time to time. */
public final class MaintenanceRound {
    private MaintenanceRound() {}

    /** One round each time it is run; there are no sessions. */
    public static Runnable of(Supplier<Configuration> configuration, Cluster cluster, SlotRegistry slots) {
        return new Maintenance(configuration, cluster, slots, new SessionRegistry(1), wal -> Optional.empty());
    }
}
