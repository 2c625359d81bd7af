package io.walrelay.proxy.console.catalog;

import static io.walrelay.proxy.console.catalog.Rows.row;

import io.walrelay.proxy.console.ConsoleClient;
import io.walrelay.proxy.console.state.BackendState;
import io.walrelay.proxy.console.state.RelayState;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Sessions and what the server does in the background. */
final class ActivityRows {
    private ActivityRows() {}

    static List<Map<String, @Nullable Object>> activity(RelayState relay, ConsoleClient client) {
        return relay.backends().stream()
                .map(backend -> backend(relay, client, backend))
                .toList();
    }

    private static Map<String, @Nullable Object> backend(RelayState relay, ConsoleClient client, BackendState backend) {
        boolean own = backend.user().map(client.user()::equals).orElse(false);
        boolean visible = client.admin() || own;
        return row(
                "datid",
                backend.database().map(database -> ServerRows.databaseOid(client, database)),
                "datname",
                backend.database(),
                "pid",
                backend.pid(),
                "usesysid",
                backend.user().map(name -> Roles.oid(relay.roles(), name)),
                "usename",
                backend.user(),
                "application_name",
                backend.applicationName(),
                "client_addr",
                visible ? backend.clientAddress() : null,
                "client_port",
                visible ? backend.clientPort() : null,
                "backend_start",
                visible ? backend.started() : null,
                "xact_start",
                visible ? backend.transactionStarted() : null,
                "query_start",
                visible ? backend.queryStarted() : null,
                "state_change",
                visible ? backend.stateChanged() : null,
                "state",
                visible ? backend.state() : null,
                "query",
                visible ? backend.query() : "<insufficient privilege>",
                "backend_type",
                visible ? backend.type() : null);
    }

    static List<Map<String, @Nullable Object>> ssl(RelayState relay) {
        return relay.backends().stream().map(ActivityRows::ssl).toList();
    }

    private static Map<String, @Nullable Object> ssl(BackendState backend) {
        Optional<BackendState.Tls> tls = backend.tls();
        Optional<BackendState.ClientCertificate> client = tls.flatMap(BackendState.Tls::client);
        return row(
                "pid",
                backend.pid(),
                "ssl",
                tls.isPresent(),
                "version",
                tls.map(BackendState.Tls::version),
                "cipher",
                tls.map(BackendState.Tls::cipher),
                "bits",
                tls.map(BackendState.Tls::bits),
                "compression",
                tls.isPresent() ? false : null,
                "clientdn",
                name(client.map(BackendState.ClientCertificate::subject)),
                "client_dn",
                name(client.map(BackendState.ClientCertificate::subject)),
                "client_serial",
                client.map(BackendState.ClientCertificate::serial),
                "issuer_dn",
                name(client.map(BackendState.ClientCertificate::issuer)));
    }

    /** Cut to PostgreSQL's NAMEDATALEN. */
    private static Optional<String> name(Optional<String> text) {
        return text.map(whole -> whole.length() > 63 ? whole.substring(0, 63) : whole);
    }

    /** There is no archiver. */
    static List<Map<String, @Nullable Object>> archiver(RelayState relay) {
        return List.of(row("archived_count", 0L, "failed_count", 0L, "stats_reset", relay.started()));
    }

    /** There is no background writer: exporters expect the row. */
    static List<Map<String, @Nullable Object>> background(RelayState relay) {
        return List.of(row(
                "checkpoints_timed",
                0L,
                "checkpoints_req",
                0L,
                "checkpoint_write_time",
                0.0,
                "checkpoint_sync_time",
                0.0,
                "buffers_checkpoint",
                0L,
                "buffers_clean",
                0L,
                "maxwritten_clean",
                0L,
                "buffers_backend",
                0L,
                "buffers_backend_fsync",
                0L,
                "buffers_alloc",
                0L,
                "stats_reset",
                relay.started()));
    }
}
