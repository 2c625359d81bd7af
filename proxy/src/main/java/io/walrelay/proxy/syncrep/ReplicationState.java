package io.walrelay.proxy.syncrep;

import java.util.Locale;

/** What a walsender is doing, with the names of {@code pg_stat_replication.state} ({@code WalSndState}). */
public enum ReplicationState {
    STARTUP,
    BACKUP,
    CATCHUP,
    STREAMING,
    STOPPING;

    /** The name that views show. */
    public String title() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether WAL is being sent. */
    boolean receives() {
        return switch (this) {
            case CATCHUP, STREAMING, STOPPING -> true;
            case STARTUP, BACKUP -> false;
        };
    }

    /** Whether a standby whose sender is in this state may confirm commits. */
    boolean mayBeSynchronous() {
        return switch (this) {
            case STREAMING, STOPPING -> true;
            case STARTUP, BACKUP, CATCHUP -> false;
        };
    }
}
