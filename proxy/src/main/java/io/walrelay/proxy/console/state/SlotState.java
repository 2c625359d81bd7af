package io.walrelay.proxy.console.state;

import io.walrelay.replication.Lsn;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A row of {@code pg_replication_slots}.
 *
 * @param activePid of the session that uses it; 0 for none
 * @param xmin the oldest transaction that it holds for queries of its client; empty for none
 * @param catalogXmin the same for the catalogs
 * @param invalidation PostgreSQL's word ({@code wal_removed}, {@code idle_timeout}) if it keeps nothing any more
 * @param walStatus {@code reserved}, {@code extended}, {@code unreserved} or {@code lost}; empty without restart_lsn
 * @param safeWalBytes how much may be written until it is in danger; empty without a limit
 * @param inactiveSince when it was last used; empty while it is, or where that is not known
 */
public record SlotState(
        String name,
        boolean temporary,
        int activePid,
        OptionalLong xmin,
        OptionalLong catalogXmin,
        Optional<Lsn> restartLsn,
        Optional<String> invalidation,
        Optional<String> walStatus,
        OptionalLong safeWalBytes,
        Optional<Instant> inactiveSince) {}
