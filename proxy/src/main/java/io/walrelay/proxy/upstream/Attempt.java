package io.walrelay.proxy.upstream;

import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;

/** What came of an attempt to log in at one address, and where libpq would go on. */
sealed interface Attempt {
    /** It is one that will do. */
    record LoggedIn(UpstreamLogin login) implements Attempt {}

    /** The server cannot be reached there, or does not answer in time: another address of the host may do. */
    record Unreachable(PgException reason) implements Attempt {}

    /** The host takes no connections now, is not what is wanted, or has no address: another host may do. */
    record Unsuitable(PgException reason) implements Attempt {}

    /** The server does not let us in, or breaks the connection off: libpq asks no other then. */
    record Refused(PgException reason) implements Attempt {}

    /** The same, having been tried in another way before: libpq tells what both came to. */
    default Attempt after(PgException first) {
        return switch (this) {
            case LoggedIn in -> in;
            case Unreachable unreachable -> new Unreachable(both(first, unreachable.reason()));
            case Unsuitable unsuitable -> new Unsuitable(both(first, unsuitable.reason()));
            case Refused refused -> new Refused(both(first, refused.reason()));
        };
    }

    private static PgException both(PgException first, PgException second) {
        return second.withMessage(first.message() + "\n" + second.message());
    }

    /** What a failed login means. */
    static Attempt failed(PgException reason) {
        return reason.sqlState().equals(SqlState.CANNOT_CONNECT_NOW) ? new Unsuitable(reason) : new Refused(reason);
    }
}
