package io.walrelay.proxy.console.state;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The relay as it is now. Each method is called for each statement that needs it, on a console worker, and does not
 * block.
 */
public interface RelayState {
    /** When the relay was started. */
    Instant started();

    /** When the settings were last read. */
    Instant configurationLoaded();

    /** The server in whose place the relay stands, as it reports its version: {@code 15.18 (Debian 15.18-1)}. */
    String serverVersion();

    /** Its major version: 10 and more. */
    int major();

    /** The WAL that is here; empty until an upstream has said whose WAL it is. */
    Optional<WalState> wal();

    /** The link to the upstream; empty while there is no connection. */
    Optional<ReceiverState> receiver();

    /** The hosts of primary_conninfo, in its order. */
    List<UpstreamHost> upstreams();

    /** The clients that stream, or are about to. */
    List<SenderState> senders();

    /** Synchronous replication; empty until there is WAL. */
    Optional<SynchronousState> synchronous();

    /** When the synchronous standbys were late, oldest first: the last ones. */
    List<Degradation> degradations();

    /** What has happened, oldest first: the last of each kind. */
    List<RelayEvent> events();

    /** The replication slots. */
    List<SlotState> slots();

    /** Every session, replication and SQL alike. */
    List<BackendState> backends();

    /** The catalogue of settings. */
    List<SettingState> settings();

    /** The lines of the configuration file as it is on disk now. */
    List<FileSetting> fileSettings();

    /** The lines of hba_file as it is on disk now. */
    List<HbaLine> hbaLines();

    /** The users of auth_file, and of pg_hba.conf where it names them. */
    List<RoleState> roles();

    /** The reasons to keep WAL, the one that holds most first. */
    List<HoldState> holds();

    /** The streams of WAL that are compressed, in and out. */
    List<CompressionState> compression();

    /** The disk that the WAL is on; empty until there is WAL. */
    Optional<DiskState> disk();
}
