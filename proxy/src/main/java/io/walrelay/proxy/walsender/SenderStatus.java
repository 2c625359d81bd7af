package io.walrelay.proxy.walsender;

import io.walrelay.proxy.syncrep.ReplicationState;
import io.walrelay.proxy.syncrep.StandbyPositions;
import io.walrelay.proxy.syncrep.SyncStanding;
import io.walrelay.replication.Lsn;
import io.walrelay.wire.compression.CompressionStatistics;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One walsender at one moment: a row of {@code pg_stat_replication}.
 *
 * @param sent up to where WAL was sent; 0/0 before the first stream
 * @param reported what the client says of itself, believed or not; 0/0 each where it says nothing
 * @param standing {@code sync_priority} and {@code sync_state}
 * @param replyTime the client's clock at its last message; empty before that
 * @param slot the replication slot that it streams with
 * @param backendXmin what the client's queries need, without its epoch; empty if nothing, or if the slot holds it
 * @param paused sent no WAL until it is resumed
 * @param compression what it has saved so far; empty where it is not agreed
 * @see <a href="https://www.postgresql.org/docs/15/monitoring-stats.html">pg_stat_replication</a>
 */
public record SenderStatus(
        SenderClient client,
        ReplicationState state,
        Lsn sent,
        StandbyPositions reported,
        ReplicationLag lag,
        SyncStanding standing,
        Optional<Instant> replyTime,
        Optional<String> slot,
        OptionalLong backendXmin,
        boolean paused,
        Optional<CompressionStatistics.Figures> compression) {

    /** What PostgreSQL's process list shows of a walsender: {@code walsender standby1 streaming 0/3000060}. */
    public String title() {
        String position = sent.isValid() ? " " + sent : "";
        String doing = paused ? "paused" : state.name().toLowerCase(Locale.ROOT);
        return "walsender " + client.applicationName() + " " + doing + position;
    }
}
