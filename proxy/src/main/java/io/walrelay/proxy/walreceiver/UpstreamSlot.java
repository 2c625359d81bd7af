package io.walrelay.proxy.walreceiver;

import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.Settings;
import io.walrelay.proxy.upstream.ReplicationConnection;
import io.walrelay.replication.Lsn;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.BackendMessage.DataRow;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The relay's own replication slot on the upstream ({@code primary_slot_name}, or a temporary one): created there if it
 * is not, always with WAL reserved, for without that it would hold nothing until the first report.
 */
final class UpstreamSlot {
    private static final Logger log = LoggerFactory.getLogger(UpstreamSlot.class);
    private static final int FIRST_MAJOR_WITH_READ = 15;

    private final ReplicationConnection connection;
    private final String name;
    private final Kind kind;

    /** Whether the slot outlives the connection. */
    enum Kind {
        PERSISTENT(""),
        TEMPORARY(" TEMPORARY");

        private final String clause;

        Kind(String clause) {
            this.clause = clause;
        }
    }

    UpstreamSlot(ReplicationConnection connection, String name, Kind kind) {
        this.connection = connection;
        this.name = name;
        this.kind = kind;
    }

    /** The slot that a connection is to use, as the settings say; empty for none. */
    static Optional<UpstreamSlot> of(ReplicationConnection connection, Configuration configuration) {
        Optional<String> named = configuration.get(Settings.PRIMARY_SLOT_NAME);
        if (named.isPresent()) {
            return Optional.of(new UpstreamSlot(connection, named.get(), Kind.PERSISTENT));
        }
        return configuration.get(Settings.WAL_RECEIVER_CREATE_TEMP_SLOT)
                ? Optional.of(new UpstreamSlot(
                        connection, "pg_walreceiver_" + connection.login().pid(), Kind.TEMPORARY))
                : Optional.empty();
    }

    String name() {
        return name;
    }

    /** The slot's clause in START_REPLICATION. */
    String clause() {
        return "SLOT " + quoted() + " ";
    }

    /**
     * Makes sure that the slot is there.
     *
     * @return from where on it holds WAL, where the upstream can tell (15 and newer) and the slot holds any
     */
    CompletableFuture<Optional<Lsn>> ensure() {
        return connection.login().version().major() < FIRST_MAJOR_WITH_READ
                ? create().thenApply(created -> Optional.empty())
                : read().thenCompose(found -> found.isPresent()
                        ? CompletableFuture.completedFuture(found.get().restartLsn)
                        : create().thenCompose(created -> read())
                                .thenApply(found2 -> found2.flatMap(Found::restartLsn)));
    }

    private record Found(Optional<Lsn> restartLsn) {}

    private CompletableFuture<Optional<Found>> read() {
        return connection.query("READ_REPLICATION_SLOT " + quoted()).thenApply(result -> {
            DataRow row = result.row(3);
            String restartLsn = row.text(1);
            return row.text(0) == null
                    ? Optional.empty()
                    : Optional.of(new Found(Optional.ofNullable(restartLsn).map(Lsn::parse)));
        });
    }

    // The syntax without parentheses is understood by every server from 10 to 18.
    private CompletableFuture<Void> create() {
        return connection
                .query("CREATE_REPLICATION_SLOT " + quoted() + kind.clause + " PHYSICAL RESERVE_WAL")
                .handle((created, failure) -> {
                    if (failure == null) {
                        log.info("created replication slot \"{}\" on the upstream server", name);
                        return null;
                    }
                    PgException reason = PgException.of(failure, defect -> log.error("unexpected failure", defect));
                    if (!reason.sqlState().equals(SqlState.DUPLICATE_OBJECT)) {
                        throw reason;
                    }
                    return null;
                });
    }

    private String quoted() {
        return "\"" + name + "\"";
    }
}
