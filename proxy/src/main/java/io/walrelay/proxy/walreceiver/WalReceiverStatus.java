package io.walrelay.proxy.walreceiver;

import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.ConnectionInfo;
import io.walrelay.proxy.config.Settings;
import io.walrelay.proxy.upstream.ReplicationConnection;
import io.walrelay.proxy.wal.WalEnd;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.wire.compression.CompressionStatistics;
import java.util.Optional;

/**
 * What {@code pg_stat_wal_receiver} shows, at one moment. Positions that are not known are {@link Lsn#INVALID}; times
 * are µs since 2000, 0 for none.
 *
 * @param pid this program's process ID: the walreceiver has no process of its own
 * @param status {@code streaming}, {@code waiting} or {@code restarting}
 * @param receiveStartLsn where the current stream, or the last one of this connection, was asked for
 * @param receiveStartTli on which timeline; empty before the first stream
 * @param writtenLsn up to where WAL is written here
 * @param flushedLsn up to where it is durable here
 * @param receivedTli the timeline of these two
 * @param lastMsgSendTime by the upstream's clock
 * @param lastMsgReceiptTime by ours
 * @param latestEndLsn where the upstream's WAL ends, as it said last
 * @param latestEndTime of the message that moved it forward, by the upstream's clock
 * @param slotName the slot on the upstream
 * @param senderHost the upstream's host, as it is written in {@code primary_conninfo}
 * @param conninfo the connection string, passwords masked
 * @param compression what it has saved on this connection; empty where it is not agreed
 */
public record WalReceiverStatus(
        long pid,
        String status,
        Lsn receiveStartLsn,
        Optional<TimelineId> receiveStartTli,
        Lsn writtenLsn,
        Lsn flushedLsn,
        TimelineId receivedTli,
        long lastMsgSendTime,
        long lastMsgReceiptTime,
        Lsn latestEndLsn,
        long latestEndTime,
        Optional<String> slotName,
        String senderHost,
        int senderPort,
        String conninfo,
        Optional<CompressionStatistics.Figures> compression) {
    /** The status on a connection that is up. */
    static WalReceiverStatus of(
            String status,
            ReplicationConnection connection,
            Optional<WalReceiverState.Streaming> stream,
            WalStore wal,
            Configuration configuration) {
        Heard heard = stream.map(last -> last.receiver().heard()).orElse(Heard.NOTHING);
        WalEnd end = wal.end();
        return new WalReceiverStatus(
                ProcessHandle.current().pid(),
                status,
                stream.map(WalReceiverState.Streaming::start).orElse(Lsn.INVALID),
                stream.map(WalReceiverState.Streaming::timeline),
                end.written(),
                end.flushed(),
                end.history().timeline(),
                heard.sendTime(),
                heard.receiptTime(),
                heard.latestEnd(),
                heard.latestEndTime(),
                UpstreamSlot.of(connection, configuration).map(UpstreamSlot::name),
                connection.login().host().name(),
                connection.login().host().port(),
                configuration
                        .get(Settings.PRIMARY_CONNINFO)
                        .map(ConnectionInfo::toString)
                        .orElse(""),
                connection.login().compression());
    }
}
