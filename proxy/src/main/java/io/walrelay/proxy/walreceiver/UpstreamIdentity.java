package io.walrelay.proxy.walreceiver;

import io.walrelay.proxy.upstream.CommandResult;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.SystemIdentifier;
import io.walrelay.replication.TimelineId;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.BackendMessage.DataRow;
import java.util.Objects;

/**
 * The answer to IDENTIFY_SYSTEM.
 *
 * @param system whose WAL the upstream has
 * @param timeline the upstream's current one
 * @param position up to where the upstream could stream that timeline when it was asked
 */
record UpstreamIdentity(SystemIdentifier system, TimelineId timeline, Lsn position) {
    /** @throws PgException 08P01 if this is no answer to IDENTIFY_SYSTEM */
    static UpstreamIdentity of(CommandResult result) {
        DataRow row = result.row(3);
        try {
            return new UpstreamIdentity(
                    SystemIdentifier.parse(Objects.requireNonNull(row.text(0), "systemid")),
                    TimelineId.parse(Objects.requireNonNull(row.text(1), "timeline")),
                    Lsn.parse(Objects.requireNonNull(row.text(2), "xlogpos")));
        } catch (IllegalArgumentException | NullPointerException e) {
            throw PgException.error(SqlState.PROTOCOL_VIOLATION, "invalid response from primary server")
                    .withDetail("Could not identify system: " + e.getMessage())
                    .withCause(e);
        }
    }
}
