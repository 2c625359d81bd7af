package io.walrelay.proxy.walreceiver;

import io.walrelay.proxy.wal.WalStore;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Where that comes from which the upstream is told.
 *
 * @param positions the positions to report for a WAL store
 * @param xmins what standbys still need; asked on the upstream loop every {@code wal_receiver_status_interval}
 */
public record StandbySource(Function<WalStore, ReportedPositions> positions, Supplier<StandbyXmins> xmins) {
    /** This relay's own positions, and no feedback. */
    public static final StandbySource OWN = new StandbySource(ReportedPositions::of, () -> StandbyXmins.NONE);
}
