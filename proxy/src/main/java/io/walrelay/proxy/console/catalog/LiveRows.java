package io.walrelay.proxy.console.catalog;

import io.walrelay.proxy.console.ConsoleClient;
import io.walrelay.proxy.console.state.RelayState;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The relations of which the rows are the relay's state at the moment of a statement. */
public final class LiveRows {
    private static final Map<String, Source> SOURCES = Map.ofEntries(
            Map.entry("pg_catalog.pg_stat_replication", (relay, client) -> ReplicationRows.senders(relay)),
            Map.entry("pg_catalog.pg_stat_wal_receiver", (relay, client) -> ReplicationRows.receiver(relay)),
            Map.entry("pg_catalog.pg_replication_slots", (relay, client) -> ReplicationRows.slots(relay)),
            Map.entry("pg_catalog.pg_stat_activity", ActivityRows::activity),
            Map.entry("pg_catalog.pg_stat_ssl", (relay, client) -> ActivityRows.ssl(relay)),
            Map.entry("pg_catalog.pg_stat_archiver", (relay, client) -> ActivityRows.archiver(relay)),
            Map.entry("pg_catalog.pg_stat_bgwriter", (relay, client) -> ActivityRows.background(relay)),
            Map.entry("pg_catalog.pg_database", ServerRows::databases),
            Map.entry("pg_catalog.pg_stat_database", ServerRows::databaseStatistics),
            Map.entry("pg_catalog.pg_roles", (relay, client) -> ServerRows.roles(relay)),
            Map.entry("pg_catalog.pg_authid", (relay, client) -> ServerRows.roles(relay)),
            Map.entry("pg_catalog.pg_user", (relay, client) -> ServerRows.users(relay)),
            Map.entry("pg_catalog.pg_shadow", (relay, client) -> ServerRows.users(relay)),
            Map.entry("pg_catalog.pg_settings", ServerRows::settings),
            Map.entry("pg_catalog.pg_file_settings", (relay, client) -> ServerRows.fileSettings(relay)),
            Map.entry("pg_catalog.pg_hba_file_rules", (relay, client) -> ServerRows.hba(relay)),
            Map.entry("walrelay.upstreams", (relay, client) -> RelayRows.upstreams(relay)),
            Map.entry("walrelay.timelines", (relay, client) -> RelayRows.timelines(relay)),
            Map.entry("walrelay.retention", (relay, client) -> RelayRows.retention(relay)),
            Map.entry("walrelay.disk", (relay, client) -> RelayRows.disk(relay)),
            Map.entry("walrelay.wal", (relay, client) -> RelayRows.wal(relay)),
            Map.entry("walrelay.compression", (relay, client) -> RelayRows.compression(relay)),
            Map.entry("walrelay.senders", (relay, client) -> RelayRows.senders(relay)),
            Map.entry("walrelay.sync_state", (relay, client) -> SynchronousRows.state(relay)),
            Map.entry("walrelay.degradations", (relay, client) -> SynchronousRows.degradations(relay)),
            Map.entry("walrelay.events", SynchronousRows::events));

    private LiveRows() {}

    /** Where rows come from. */
    @FunctionalInterface
    private interface Source {
        List<Map<String, @Nullable Object>> rows(RelayState relay, ConsoleClient client);
    }

    /** Whether this relation is one of them. */
    public static boolean isLive(Relation relation) {
        return SOURCES.containsKey(relation.key());
    }

    /** Its rows now, by the names of their columns. */
    public static List<Map<String, @Nullable Object>> of(Relation relation, RelayState relay, ConsoleClient client) {
        Source source = SOURCES.get(relation.key());
        return source == null ? List.of() : source.rows(relay, client);
    }
}
