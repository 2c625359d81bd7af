package io.walrelay.proxy.console.state;

import io.walrelay.replication.Lsn;
import java.time.Instant;
import java.util.Optional;

/**
 * The walreceiver: a row of {@code pg_stat_wal_receiver}.
 *
 * @param status PostgreSQL's word: {@code streaming}, {@code waiting}, ...
 * @param messageSent when the upstream sent its last message, by its clock
 * @param messageReceived when that came
 * @param latestEnd what was last reported to the upstream
 * @param latestEndTime when
 * @param slot in use upstream
 * @param host of the upstream
 * @param port of the upstream
 * @param conninfo of the connection, without passwords
 */
public record ReceiverState(
        String status,
        Lsn receiveStart,
        int receiveStartTimeline,
        Lsn written,
        Lsn flushed,
        int receivedTimeline,
        Optional<Instant> messageSent,
        Optional<Instant> messageReceived,
        Lsn latestEnd,
        Optional<Instant> latestEndTime,
        Optional<String> slot,
        String host,
        int port,
        String conninfo) {}
