package io.walrelay.proxy.session;

import io.walrelay.proxy.cluster.MirroredServer;
import io.walrelay.proxy.cluster.MirroredServer.Parameter;
import io.walrelay.proxy.config.Settings;
import java.util.Locale;
import java.util.Set;

/**
 * What SHOW ALL does not tell of a server's parameters: which of them a client may set at start-up
 * ({@code pg_settings.context}), and how those that it leaves out are spelled.
 */
final class ServerParameters {
    /** Settable by a client, and not listed by SHOW ALL (or only to those who may see it). */
    private static final Set<String> SETTABLE = Set.of(
            "session_authorization",
            "role",
            "transaction_isolation",
            "transaction_read_only",
            "transaction_deferrable");

    /** {@code PGC_POSTMASTER}. */
    private static final Set<String> POSTMASTER = Set.of(
            "archive_mode",
            "autovacuum_freeze_max_age",
            "autovacuum_multixact_freeze_max_age",
            "bonjour",
            "bonjour_name",
            "cluster_name",
            "config_file",
            "data_directory",
            "data_sync_retry",
            "dynamic_shared_memory_type",
            "event_source",
            "external_pid_file",
            "hba_file",
            "hot_standby",
            "huge_page_size",
            "huge_pages",
            "ident_file",
            "jit_provider",
            "listen_addresses",
            "logging_collector",
            "max_connections",
            "max_files_per_process",
            "max_locks_per_transaction",
            "max_logical_replication_workers",
            "max_pred_locks_per_transaction",
            "max_prepared_transactions",
            "max_replication_slots",
            "max_wal_senders",
            "max_worker_processes",
            "min_dynamic_shared_memory",
            "old_snapshot_threshold",
            "port",
            "recovery_target",
            "recovery_target_action",
            "recovery_target_inclusive",
            "recovery_target_lsn",
            "recovery_target_name",
            "recovery_target_time",
            "recovery_target_timeline",
            "recovery_target_xid",
            "reserved_connections",
            "shared_buffers",
            "shared_memory_type",
            "shared_preload_libraries",
            "superuser_reserved_connections",
            "track_activity_query_size",
            "track_commit_timestamp",
            "unix_socket_directories",
            "unix_socket_group",
            "unix_socket_permissions",
            "wal_buffers",
            "wal_decode_buffer_size",
            "wal_level",
            "wal_log_hints");

    /** {@code PGC_INTERNAL}. */
    private static final Set<String> INTERNAL = Set.of(
            "block_size",
            "data_checksums",
            "data_directory_mode",
            "debug_assertions",
            "in_hot_standby",
            "integer_datetimes",
            "is_superuser",
            "lc_collate",
            "lc_ctype",
            "max_function_args",
            "max_identifier_length",
            "max_index_keys",
            "segment_size",
            "server_encoding",
            "server_version",
            "server_version_num",
            "shared_memory_size",
            "shared_memory_size_in_huge_pages",
            "ssl_library",
            "wal_block_size",
            "wal_segment_size");

    /** {@code PGC_SIGHUP}: those that clients have been seen to try. */
    private static final Set<String> SIGHUP = Set.of(
            "archive_command",
            "authentication_timeout",
            "autovacuum",
            "checkpoint_timeout",
            "fsync",
            "full_page_writes",
            "hot_standby_feedback",
            "max_wal_size",
            "min_wal_size",
            "primary_conninfo",
            "primary_slot_name",
            "synchronous_standby_names",
            "wal_keep_segments",
            "wal_keep_size",
            "wal_receiver_status_interval",
            "wal_receiver_timeout",
            "wal_retrieve_retry_interval");

    private ServerParameters() {}

    /** Whether a client may name this parameter although the mirrored server did not show it. */
    static boolean isSettable(String name) {
        return SETTABLE.contains(name.toLowerCase(Locale.ROOT));
    }

    static boolean needsRestart(String name) {
        return POSTMASTER.contains(name.toLowerCase(Locale.ROOT));
    }

    static boolean isFixed(String name) {
        return INTERNAL.contains(name.toLowerCase(Locale.ROOT));
    }

    /** {@code wal_sender_timeout} became a matter of the session in 12. */
    static boolean needsReload(String name, int major) {
        String lower = name.toLowerCase(Locale.ROOT);
        return SIGHUP.contains(lower) || (major < 12 && lower.equals(Settings.WAL_SENDER_TIMEOUT.name()));
    }

    /** The parameter as the server spells it ({@code DateStyle}); as asked for where the server did not show it. */
    static String spelling(MirroredServer server, String name) {
        return server.setting(name).map(Parameter::name).orElse(name);
    }
}
