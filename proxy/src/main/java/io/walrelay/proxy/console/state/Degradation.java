package io.walrelay.proxy.console.state;

import io.walrelay.replication.Lsn;
import java.time.Instant;
import java.util.Optional;

/**
 * A time in which the synchronous standbys were late.
 *
 * @param ended empty while it lasts
 * @param state {@code overdue}: they were waited for; {@code degraded}: they were not
 * @param flushed up to where they had flushed when it began
 * @param message what the log said
 */
public record Degradation(
        Instant began, Optional<Instant> ended, String state, Optional<Lsn> flushed, String message) {}
