package io.walrelay.proxy.console.state;

import io.walrelay.replication.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A walsender: what {@code pg_stat_replication} says beyond its session.
 *
 * @param pid of its session
 * @param state PostgreSQL's word: {@code startup}, {@code backup}, {@code catchup}, {@code streaming}, {@code stopping}
 * @param syncState {@code async}, {@code potential}, {@code sync} or {@code quorum}
 * @param replyTime when the client sent its last status update, by its clock
 * @param backendXmin the oldest transaction that the client's feedback holds; empty without feedback
 */
public record SenderState(
        int pid,
        String state,
        Optional<Lsn> sent,
        Optional<Lsn> write,
        Optional<Lsn> flush,
        Optional<Lsn> replay,
        Optional<Duration> writeLag,
        Optional<Duration> flushLag,
        Optional<Duration> replayLag,
        int syncPriority,
        String syncState,
        Optional<Instant> replyTime,
        Optional<Long> backendXmin,
        boolean paused) {}
