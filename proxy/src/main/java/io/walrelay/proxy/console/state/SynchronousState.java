package io.walrelay.proxy.console.state;

import io.walrelay.replication.Lsn;
import java.time.Instant;
import java.util.Optional;

/**
 * Synchronous replication through the relay.
 *
 * @param names {@code synchronous_standby_names} as SHOW shows it
 * @param method {@code FIRST} or {@code ANY}; empty where no standby is named
 * @param required how many standbys have to confirm; 0 where none is named
 * @param transfer {@code synchronous_transfer}
 * @param state {@code off} where nobody is waited for by the settings, else {@code armed}, {@code overdue} or {@code
 *     degraded}
 * @param since when it became overdue or degraded
 * @param reason why, as the log said it
 * @param limit up to where the other downstreams may be sent WAL; empty where nothing holds them
 */
public record SynchronousState(
        String names,
        Optional<String> method,
        int required,
        String transfer,
        String state,
        Optional<Instant> since,
        Optional<String> reason,
        Optional<Lsn> write,
        Optional<Lsn> flush,
        Optional<Lsn> apply,
        Optional<Lsn> limit) {}
