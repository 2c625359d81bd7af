package io.walrelay.proxy.console.function;

import static io.walrelay.proxy.console.function.Arguments.value;

import io.walrelay.proxy.console.state.WalState;
import io.walrelay.replication.Lsn;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * WAL positions, and what a standby tells of its recovery. A relay replays nothing: its replay position is the furthest
 * that a downstream has reported, and null where none reports one.
 *
 * @see <a href="https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-BACKUP">Backup Control
 *     Functions</a>, <a
 *     href="https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-RECOVERY-CONTROL">Recovery Control
 *     Functions</a>
 */
final class WalFunctions {
    private WalFunctions() {}

    static Functions all() {
        return new Functions("pg_catalog")
                .add("pg_is_in_recovery() bool", (c, a) -> true)
                .add("pg_is_in_backup() bool", (c, a) -> false)
                .add("pg_is_wal_replay_paused() bool", (c, a) -> false)
                .add("pg_get_wal_replay_pause_state() text", (c, a) -> "not paused")
                .add("pg_last_wal_receive_lsn() pg_lsn", (c, a) -> of(c, WalState::flushed))
                .add(
                        "pg_last_wal_replay_lsn() pg_lsn",
                        (c, a) -> of(c, wal -> wal.applied().orElse(null)))
                .add("pg_last_xact_replay_timestamp() timestamptz", (c, a) -> null)
                .add("pg_current_wal_lsn() pg_lsn", (c, a) -> inRecovery())
                .add("pg_current_wal_insert_lsn() pg_lsn", (c, a) -> inRecovery())
                .add("pg_current_wal_flush_lsn() pg_lsn", (c, a) -> inRecovery())
                .add("pg_switch_wal() pg_lsn", (c, a) -> inRecovery())
                .add("pg_walfile_name(pg_lsn) text", (c, a) -> fileName(c, value(Lsn.class, a, 0)))
                .add(
                        "pg_wal_lsn_diff(pg_lsn, pg_lsn) numeric",
                        (c, a) -> difference(value(Lsn.class, a, 0), value(Lsn.class, a, 1)))
                .add(
                        "pg_lsn_mi(pg_lsn, pg_lsn) numeric",
                        (c, a) -> difference(value(Lsn.class, a, 0), value(Lsn.class, a, 1)));
    }

    /** The bytes from one position to another, which may be negative. */
    static BigDecimal difference(Lsn end, Lsn begin) {
        return new BigDecimal(unsigned(end).subtract(unsigned(begin)));
    }

    /** The position that many bytes further. @throws PgException 22003 */
    static Lsn plus(Lsn position, BigDecimal bytes) {
        BigInteger sum = unsigned(position)
                .add(bytes.setScale(0, java.math.RoundingMode.HALF_UP).toBigInteger());
        if (sum.signum() < 0 || sum.bitLength() > 64) {
            throw PgException.error(SqlState.NUMERIC_VALUE_OUT_OF_RANGE, "pg_lsn out of range");
        }
        return new Lsn(sum.longValue());
    }

    static BigInteger unsigned(Lsn lsn) {
        return new BigInteger(Long.toUnsignedString(lsn.value()));
    }

    private static @Nullable Object of(CallContext context, Function<WalState, @Nullable Lsn> position) {
        return context.relay().wal().map(position).orElse(null);
    }

    private static Object inRecovery() {
        throw PgException.error(SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE, "recovery is in progress")
                .withHint("WAL control functions cannot be executed during recovery.");
    }

    /** A standby refuses this before 19; here it is answered, for the timeline that is received. */
    private static @Nullable Object fileName(CallContext context, Lsn lsn) {
        return context.relay()
                .wal()
                .map(wal -> {
                    long segments = 0x1_0000_0000L / wal.segmentBytes();
                    // A position at a boundary is the end of the segment before it.
                    long segment = Long.divideUnsigned(Math.max(0, lsn.value() - 1), wal.segmentBytes());
                    return String.format(
                            Locale.ROOT, "%08X%08X%08X", wal.timeline(), segment / segments, segment % segments);
                })
                .orElse(null);
    }
}
