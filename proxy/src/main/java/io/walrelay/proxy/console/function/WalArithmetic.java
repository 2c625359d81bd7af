package io.walrelay.proxy.console.function;

import io.walrelay.replication.Lsn;
import java.math.BigDecimal;

/** What the operators of {@code pg_lsn} do. */
public final class WalArithmetic {
    private WalArithmetic() {}

    /** The bytes between two positions. */
    public static BigDecimal difference(Lsn end, Lsn begin) {
        return WalFunctions.difference(end, begin);
    }

    /** The position so many bytes further. @throws io.walrelay.wire.error.PgException 22003 */
    public static Lsn plus(Lsn position, BigDecimal bytes) {
        return WalFunctions.plus(position, bytes);
    }
}
