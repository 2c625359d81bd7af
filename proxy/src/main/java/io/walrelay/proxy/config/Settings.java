package io.walrelay.proxy.config;

import io.walrelay.proxy.syncrep.ReplicationTimeoutAction;
import io.walrelay.proxy.syncrep.SyncStandbyNames;
import io.walrelay.proxy.syncrep.SynchronousTransfer;
import io.walrelay.wire.compression.CompressionOption;
import io.walrelay.wire.tls.CipherString;
import io.walrelay.wire.tls.TlsVersion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The catalogue: every setting that the relay knows, once. SHOW, the sample file and docs/settings.md come from here.
 *
 * <p>Names, units, bounds and defaults are those of PostgreSQL's runtime configuration pages unless the text says
 * otherwise.
 */
public final class Settings {
    private static final List<Setting<?>> CATALOGUE = new ArrayList<>();

    public static final Setting<Path> DATA_DIRECTORY = add(
            "data_directory",
            new SettingType.Location(),
            "data",
            Context.POSTMASTER,
            Category.FILES,
            "Where the relay keeps the WAL, its replication slots and its control file. It is created if it is not there."
                    + " A relative path counts from the directory of the file that it is written in.");

    public static final Setting<Optional<Path>> HBA_FILE = add(
            "hba_file",
            new SettingType.OptionalLocation(),
            "",
            Context.SIGHUP,
            Category.FILES,
            "Who may connect, in the format of pg_hba.conf with the methods trust, reject, scram-sha-256 and cert."
                    + " Without it, connections over loopback are trusted and all others are refused.");

    public static final Setting<Optional<Path>> AUTH_FILE = add(
            "auth_file",
            new SettingType.OptionalLocation(),
            "",
            Context.SIGHUP,
            Category.FILES,
            "The users that scram-sha-256 knows, one line \"user\" \"SCRAM-SHA-256$...\" each, as PgBouncer's file of the"
                    + " same name (the second part is rolpassword of pg_authid). Nobody but its owner and its group may be able to read it.");

    public static final Setting<List<String>> LISTEN_ADDRESSES = add(
            "listen_addresses",
            new SettingType.NameList(),
            "localhost",
            Context.POSTMASTER,
            Category.CONNECTIONS,
            "The addresses to listen on: names or IP addresses with commas between them; '*' is all.");

    public static final Setting<Integer> MAX_CONNECTIONS = add(
            "max_connections",
            new SettingType.Int(1, 262143),
            "100",
            Context.POSTMASTER,
            Category.CONNECTIONS,
            "How many ordinary connections, those that are not for replication, may be open at once.");

    public static final Setting<Integer> SUPERUSER_RESERVED_CONNECTIONS = add(
            "superuser_reserved_connections",
            new SettingType.Int(0, 262143),
            "3",
            Context.POSTMASTER,
            Category.CONNECTIONS,
            "How many of max_connections are for the users in admin_users alone.");

    public static final Setting<List<String>> ADMIN_USERS = add(
            "admin_users",
            new SettingType.NameList(),
            "",
            Context.SIGHUP,
            Category.CONNECTIONS,
            "The users who may call functions that change something, over ordinary connections; with commas between them.");

    public static final Setting<Duration> STATEMENT_TIMEOUT = add(
            "statement_timeout",
            new SettingType.Time(Unit.MS, 0, Integer.MAX_VALUE),
            "30s",
            Context.SIGHUP,
            Category.SQL,
            "The longest that a statement may take; 0 is no limit. A session that sets it can only have less.");

    public static final Setting<Duration> IDLE_SESSION_TIMEOUT = add(
            "idle_session_timeout",
            new SettingType.Time(Unit.MS, 0, Integer.MAX_VALUE),
            "0",
            Context.SIGHUP,
            Category.SQL,
            "How long a client may ask for nothing outside of a transaction before its session is ended; 0 is no limit.");

    public static final Setting<Duration> IDLE_IN_TRANSACTION_SESSION_TIMEOUT = add(
            "idle_in_transaction_session_timeout",
            new SettingType.Time(Unit.MS, 0, Integer.MAX_VALUE),
            "0",
            Context.SIGHUP,
            Category.SQL,
            "How long a client may ask for nothing within a transaction before its session is ended; 0 is no limit.");

    public static final Setting<Long> SQL_STATEMENT_MEM = add(
            "sql_statement_mem",
            new SettingType.Size(1, 1 << 20),
            "64MB",
            Context.SIGHUP,
            Category.SQL,
            "The most memory that a statement may allocate while it runs. Two run at a time, within Java's heap.");

    public static final Setting<Long> SQL_RESULT_MEM = add(
            "sql_result_mem",
            new SettingType.Size(1, 1 << 20),
            "96MB",
            Context.SIGHUP,
            Category.SQL,
            "The most memory that all results together may hold which clients have yet to take.");

    public static final Setting<Integer> SQL_MAX_ROWS = add(
            "sql_max_rows",
            new SettingType.Int(1, Integer.MAX_VALUE - 1),
            "100000",
            Context.SIGHUP,
            Category.SQL,
            "The most rows that a statement may give.");

    public static final Setting<Integer> SQL_CPU_LIMIT = add(
            "sql_cpu_limit",
            new SettingType.Int(1, 10_000),
            "10",
            Context.SIGHUP,
            Category.SQL,
            "How much of one processor SQL may take, all statements together, in percent. What it does not take is saved for 20 s.");

    public static final Setting<Integer> PORT = add(
            "port",
            new SettingType.Int(1, 65535),
            "5432",
            Context.POSTMASTER,
            Category.CONNECTIONS,
            "The TCP port to listen on.");

    public static final Setting<Duration> TCP_KEEPALIVES_IDLE = add(
            "tcp_keepalives_idle",
            new SettingType.Time(Unit.S, 0, Integer.MAX_VALUE),
            "0",
            Context.SIGHUP,
            Category.CONNECTIONS,
            "How long a client's connection is quiet before TCP asks whether the client is still there; 0 is the operating"
                    + " system's default. For connections made after the change.");

    public static final Setting<Duration> TCP_KEEPALIVES_INTERVAL = add(
            "tcp_keepalives_interval",
            new SettingType.Time(Unit.S, 0, Integer.MAX_VALUE),
            "0",
            Context.SIGHUP,
            Category.CONNECTIONS,
            "How long TCP waits before it asks again; 0 is the operating system's default.");

    public static final Setting<Integer> TCP_KEEPALIVES_COUNT = add(
            "tcp_keepalives_count",
            new SettingType.Int(0, Integer.MAX_VALUE),
            "0",
            Context.SIGHUP,
            Category.CONNECTIONS,
            "How many unanswered questions end a connection; 0 is the operating system's default.");

    public static final Setting<Duration> TCP_USER_TIMEOUT = add(
            "tcp_user_timeout",
            new SettingType.Time(Unit.MS, 0, Integer.MAX_VALUE),
            "0",
            Context.SIGHUP,
            Category.CONNECTIONS,
            "How long data that was sent may stay unacknowledged before TCP ends the connection; 0 is the operating"
                    + " system's default.");

    public static final Setting<Duration> AUTHENTICATION_TIMEOUT = add(
            "authentication_timeout",
            new SettingType.Time(Unit.S, 1, 600),
            "1min",
            Context.SIGHUP,
            Category.AUTHENTICATION,
            "How long a client may take to authenticate.");

    public static final Setting<Boolean> SSL = add(
            "ssl",
            new SettingType.Bool(),
            "off",
            Context.SIGHUP,
            Category.SSL,
            "Accept connections with TLS. Who must use it is said by hostssl in hba_file.");

    public static final Setting<Path> SSL_CERT_FILE = add(
            "ssl_cert_file",
            new SettingType.Location(),
            "server.crt",
            Context.SIGHUP,
            Category.SSL,
            "The server's certificate in PEM format, and behind it those that lead to a root. A relative path counts from"
                    + " the directory of the file that it is written in.");

    public static final Setting<Path> SSL_KEY_FILE = add(
            "ssl_key_file",
            new SettingType.Location(),
            "server.key",
            Context.SIGHUP,
            Category.SSL,
            "The private key of the certificate, without a passphrase. Nobody but its owner may be able to read it, or root"
                    + " owns it and nobody but a group may.");

    public static final Setting<Optional<Path>> SSL_CA_FILE = add(
            "ssl_ca_file",
            new SettingType.OptionalLocation(),
            "",
            Context.SIGHUP,
            Category.SSL,
            "The certificates of the authorities that clients' certificates come from. Without it, clients are asked for"
                    + " none.");

    public static final Setting<Optional<Path>> SSL_CRL_FILE = add(
            "ssl_crl_file",
            new SettingType.OptionalLocation(),
            "",
            Context.SIGHUP,
            Category.SSL,
            "The revocation lists of these authorities, all of them. Without it, no certificate counts as revoked.");

    public static final Setting<String> SSL_CIPHERS = add(
            "ssl_ciphers",
            new SettingType.Text(),
            CipherString.DEFAULT,
            Context.SIGHUP,
            Category.SSL,
            "Which ciphers TLS 1.2 and older may use, as a cipher string of OpenSSL. Those of TLS 1.3 cannot be chosen.");

    public static final Setting<Optional<TlsVersion>> SSL_MIN_PROTOCOL_VERSION = add(
            "ssl_min_protocol_version",
            new SettingType.Protocol(false),
            "TLSv1.2",
            Context.SIGHUP,
            Category.SSL,
            "The oldest version of TLS that is accepted.");

    public static final Setting<Optional<TlsVersion>> SSL_MAX_PROTOCOL_VERSION = add(
            "ssl_max_protocol_version",
            new SettingType.Protocol(true),
            "",
            Context.SIGHUP,
            Category.SSL,
            "The newest version of TLS that is accepted; empty is any.");

    public static final Setting<Optional<ConnectionInfo>> PRIMARY_CONNINFO = add(
            "primary_conninfo",
            new SettingType.Conninfo(),
            "",
            Context.SIGHUP,
            Category.UPSTREAM,
            "How to reach the upstream: a libpq connection string or URI. Several hosts are tried in their order."
                    + " Without it, the relay serves what it has and receives nothing.");

    public static final Setting<Optional<String>> PRIMARY_SLOT_NAME = add(
            "primary_slot_name",
            new SettingType.SlotName(),
            "",
            Context.SIGHUP,
            Category.UPSTREAM,
            "The physical replication slot to use on the upstream; it is created there, with WAL reserved, if it is not"
                    + " there.");

    public static final Setting<Boolean> WAL_RECEIVER_CREATE_TEMP_SLOT = add(
            "wal_receiver_create_temp_slot",
            new SettingType.Bool(),
            "off",
            Context.SIGHUP,
            Category.UPSTREAM,
            "Where primary_slot_name is not set, create a temporary replication slot on the upstream at each connection.");

    public static final Setting<WalReceiverCompression> WAL_RECEIVER_COMPRESSION = add(
            "wal_receiver_compression",
            new SettingType.Choice<>(WalReceiverCompression.class),
            "off",
            Context.SIGHUP,
            Category.UPSTREAM,
            "Asks an upstream that is a relay to compress the WAL that it sends, for a second site behind a slow or metered"
                    + " link. Any other server sends it as ever.");

    public static final Setting<Integer> WAL_RECEIVER_COMPRESSION_LEVEL = add(
            "wal_receiver_compression_level",
            new SettingType.Int(0, CompressionOption.MAX_LEVEL),
            "0",
            Context.SIGHUP,
            Category.UPSTREAM,
            "How hard the upstream is asked to compress, as a level of zstd; 0 has it begin with 1, and try harder while the"
                    + " link is what limits the stream and there is CPU to spare.");

    public static final Setting<RecoveryTargetTimeline> RECOVERY_TARGET_TIMELINE = add(
            "recovery_target_timeline",
            new SettingType.Timeline(),
            "latest",
            Context.POSTMASTER,
            Category.UPSTREAM,
            "The timeline to follow: latest, current, or the number of one.");

    public static final Setting<Long> WAL_DISK_LIMIT = add(
            "wal_disk_limit",
            new SettingType.Size(-1, Integer.MAX_VALUE),
            "-1",
            Context.SIGHUP,
            Category.UPSTREAM,
            "How much WAL pg_wal may hold. At the limit the relay stops receiving, so that the upstream's slot holds the"
                    + " WAL, and goes on when there is room. -1 is no limit.");

    public static final Setting<Integer> REPLICATION_HALT_SEGMENTS = add(
            "replication_halt_segments",
            new SettingType.Int(0, 1_000_000),
            "2",
            Context.SIGHUP,
            Category.UPSTREAM,
            "How many WAL segments must still fit into the file system of pg_wal; with less the relay stops receiving as at"
                    + " wal_disk_limit. 0 is to stop only where not even the next one fits.");

    public static final Setting<WalDiskAction> WAL_DISK_ACTION = add(
            "wal_disk_action",
            new SettingType.Choice<>(WalDiskAction.class),
            "halt",
            Context.SIGHUP,
            Category.UPSTREAM,
            "What to do when there is no more room. halt: stop receiving. invalidate: first invalidate the replication slot"
                    + " that holds most WAL, and the next, until there is room; then halt.");

    public static final Setting<Boolean> WAL_VERIFY = add(
            "wal_verify",
            new SettingType.Bool(),
            "on",
            Context.POSTMASTER,
            Category.UPSTREAM,
            "Check page headers, links and checksums of all WAL before it is acknowledged. WAL that is not valid is refused"
                    + " and requested again.");

    public static final Setting<Duration> WAL_RECEIVER_STATUS_INTERVAL = add(
            "wal_receiver_status_interval",
            new SettingType.Time(Unit.S, 0, Integer.MAX_VALUE / 1000),
            "10s",
            Context.SIGHUP,
            Category.UPSTREAM,
            "How often the upstream is told the positions when nothing else has made the relay tell them; 0 is never.");

    public static final Setting<Boolean> HOT_STANDBY_FEEDBACK = add(
            "hot_standby_feedback",
            new SettingType.Bool(),
            "off",
            Context.SIGHUP,
            Category.UPSTREAM,
            "Pass the feedback of the downstream servers on to the upstream, joined to the oldest: it keeps the rows that"
                    + " their queries need. It is said every wal_receiver_status_interval.");

    public static final Setting<Duration> WAL_RECEIVER_TIMEOUT = add(
            "wal_receiver_timeout",
            new SettingType.Time(Unit.MS, 0, Integer.MAX_VALUE),
            "1min",
            Context.SIGHUP,
            Category.UPSTREAM,
            "How long the upstream may say nothing before the relay gives the connection up; 0 is for ever.");

    public static final Setting<Duration> WAL_RETRIEVE_RETRY_INTERVAL = add(
            "wal_retrieve_retry_interval",
            new SettingType.Time(Unit.MS, 1, Integer.MAX_VALUE),
            "5s",
            Context.SIGHUP,
            Category.UPSTREAM,
            "How long to wait before the upstream is tried again after a failure.");

    public static final Setting<Integer> MAX_WAL_SENDERS = add(
            "max_wal_senders",
            new SettingType.Int(0, 262143),
            "10",
            Context.POSTMASTER,
            Category.DOWNSTREAM,
            "How many replication connections may be open at once.");

    public static final Setting<Integer> MAX_REPLICATION_SLOTS = add(
            "max_replication_slots",
            new SettingType.Int(0, 262143),
            "10",
            Context.POSTMASTER,
            Category.DOWNSTREAM,
            "How many replication slots the relay keeps for its downstream servers.");

    public static final Setting<Long> WAL_KEEP_SIZE = add(
            "wal_keep_size",
            new SettingType.Size(0, Integer.MAX_VALUE),
            "0",
            Context.SIGHUP,
            Category.DOWNSTREAM,
            "How much WAL to keep for downstream servers that have no replication slot, beyond what has come since the"
                    + " upstream's last checkpoint.");

    public static final Setting<Long> MAX_SLOT_WAL_KEEP_SIZE = add(
            "max_slot_wal_keep_size",
            new SettingType.Size(-1, Integer.MAX_VALUE),
            "-1",
            Context.SIGHUP,
            Category.DOWNSTREAM,
            "How much WAL a replication slot may keep; a slot that falls further behind is invalidated. -1 is no limit.");

    public static final Setting<Duration> IDLE_REPLICATION_SLOT_TIMEOUT = add(
            "idle_replication_slot_timeout",
            new SettingType.Time(Unit.S, 0, Integer.MAX_VALUE),
            "0",
            Context.SIGHUP,
            Category.DOWNSTREAM,
            "How long a replication slot may stay unused before it is invalidated; 0 is for ever.");

    public static final Setting<Duration> WAL_SENDER_TIMEOUT = add(
            "wal_sender_timeout",
            new SettingType.Time(Unit.MS, 0, Integer.MAX_VALUE),
            "1min",
            Context.USER,
            Category.DOWNSTREAM,
            "How long a downstream server may say nothing before its connection is ended; 0 is for ever.");

    public static final Setting<Duration> WAL_SENDER_SHUTDOWN_TIMEOUT = add(
            "wal_sender_shutdown_timeout",
            new SettingType.Time(Unit.MS, -1, Integer.MAX_VALUE),
            "1min",
            Context.SIGHUP,
            Category.DOWNSTREAM,
            "How long a shutdown waits for downstream servers that have not confirmed all WAL; -1 is for ever.");

    public static final Setting<Boolean> WAL_SENDER_COMPRESSION = add(
            "wal_sender_compression",
            new SettingType.Bool(),
            "on",
            Context.SIGHUP,
            Category.DOWNSTREAM,
            "Whether WAL is compressed for relays that ask for it (wal_receiver_compression).");

    public static final Setting<WalSendAfter> WAL_SEND_AFTER = add(
            "wal_send_after",
            new SettingType.Choice<>(WalSendAfter.class),
            "write",
            Context.SIGHUP,
            Category.DOWNSTREAM,
            "What must have happened to WAL here before it is sent on. write: it is written; the upstream has flushed it"
                    + " already, so a hop costs no disk flush. flush: it is flushed here too, the rule of a cascading"
                    + " standby.");

    public static final Setting<Optional<SyncStandbyNames>> SYNCHRONOUS_STANDBY_NAMES = add(
            "synchronous_standby_names",
            new SettingType.StandbyNames(),
            "",
            Context.SIGHUP,
            Category.SYNCHRONOUS,
            "Which downstream servers are synchronous, by their application_name: FIRST n (name, ...), ANY n (name, ...)"
                    + " or a list; '*' is any name. What waits for them is said by synchronous_transfer.");

    public static final Setting<SynchronousTransfer> SYNCHRONOUS_TRANSFER = add(
            "synchronous_transfer",
            new SettingType.Choice<>(SynchronousTransfer.class),
            "off",
            Context.SIGHUP,
            Category.SYNCHRONOUS,
            "What waits for the synchronous standbys. off: nothing. commit: the upstream's commits wait until they have"
                    + " flushed, too. data_flush: the other downstream servers are sent only what they have flushed, so"
                    + " that none is ahead after a failover to one of them. all: both.");

    public static final Setting<Duration> REPLICATION_TIMEOUT = add(
            "replication_timeout",
            new SettingType.Time(Unit.MS, 0, Integer.MAX_VALUE),
            "0",
            Context.SIGHUP,
            Category.SYNCHRONOUS,
            "How long the synchronous standbys may take to flush what the relay has flushed; 0 is for ever.");

    public static final Setting<ReplicationTimeoutAction> REPLICATION_TIMEOUT_ACTION = add(
            "replication_timeout_action",
            new SettingType.Choice<>(ReplicationTimeoutAction.class),
            "wait",
            Context.SIGHUP,
            Category.SYNCHRONOUS,
            "What to do at replication_timeout. wait: say so and wait on. async: say so and go on as with"
                    + " synchronous_transfer = off until they have caught up.");

    public static final Setting<String> CLUSTER_NAME = add(
            "cluster_name",
            new SettingType.Text(),
            "",
            Context.POSTMASTER,
            Category.LOGGING,
            "The name of this relay. It is the application_name at the upstream (where primary_conninfo gives none), which"
                    + " synchronous_standby_names there matches.");

    public static final Setting<LogLevel> LOG_MIN_MESSAGES = add(
            "log_min_messages",
            new SettingType.Choice<>(LogLevel.class),
            "warning",
            Context.SIGHUP,
            Category.LOGGING,
            "The least important messages that are logged. LOG ranks between ERROR and FATAL, as in PostgreSQL.");

    public static final Setting<Boolean> LOG_REPLICATION_COMMANDS = add(
            "log_replication_commands",
            new SettingType.Bool(),
            "off",
            Context.SIGHUP,
            Category.LOGGING,
            "Log each replication command that a client sends.");

    public static final Setting<Integer> METRICS_PORT = add(
            "metrics_port",
            new SettingType.Int(0, 65535),
            "0",
            Context.POSTMASTER,
            Category.MONITORING,
            "The TCP port where Prometheus may fetch metrics over HTTP, without authentication; 0 is none.");

    public static final Setting<String> METRICS_LISTEN_ADDRESS = add(
            "metrics_listen_address",
            new SettingType.Text(),
            "localhost",
            Context.POSTMASTER,
            Category.MONITORING,
            "The address of metrics_port: a name or an IP address; '*' is all.");

    private Settings() {}

    /** Every setting, in the order of the sample file. */
    public static List<Setting<?>> all() {
        return List.copyOf(CATALOGUE);
    }

    /** The setting of that name, in any case. */
    public static Optional<Setting<?>> find(String name) {
        for (Setting<?> setting : CATALOGUE) {
            if (setting.name().equalsIgnoreCase(name)) {
                return Optional.of(setting);
            }
        }
        return Optional.empty();
    }

    private static <T> Setting<T> add(
            String name, SettingType<T> type, String defaultText, Context context, Category category, String doc) {
        Setting<T> setting = new Setting<>(name, type, defaultText, context, category, doc);
        CATALOGUE.add(setting);
        return setting;
    }
}
