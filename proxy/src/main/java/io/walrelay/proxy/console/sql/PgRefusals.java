package io.walrelay.proxy.console.sql;

import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;

/** What a standby answers to statements that it does not carry out. */
public final class PgRefusals {
    private PgRefusals() {}

    /** 25006: a standby's transactions are read-only. */
    public static PgException readOnly(String tag) {
        return PgException.error(SqlState.of("25006"), "cannot execute " + tag + " in a read-only transaction");
    }

    /** 25006: it writes, though nothing that a transaction would. */
    public static PgException recovery(String tag) {
        return PgException.error(SqlState.of("25006"), "cannot execute " + tag + " during recovery");
    }

    /** 0A000: PostgreSQL has it, a relay does not. */
    public static PgException unsupported(String what) {
        return PgException.error(SqlState.FEATURE_NOT_SUPPORTED, what + " is not supported by walrelay");
    }
}
