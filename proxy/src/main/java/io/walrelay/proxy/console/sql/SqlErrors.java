package io.walrelay.proxy.console.sql;

import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;

/** Errors that point into a statement. */
public final class SqlErrors {
    private SqlErrors() {}

    /** An error at the character with this index. */
    public static PgException at(String sql, int index, SqlState state, String message) {
        return PgException.error(state, message).withPosition(sql.codePointCount(0, index) + 1);
    }

    static PgException near(String sql, Token token) {
        String what = token.kind() == Token.Kind.END
                ? "syntax error at end of input"
                : "syntax error at or near \"" + sql.substring(token.at(), token.end()) + "\"";
        return at(sql, token.at(), SqlState.SYNTAX_ERROR, what);
    }

    static PgException unterminated(String sql, int from, String what) {
        return at(sql, from, SqlState.SYNTAX_ERROR, what + " at or near \"" + sql.substring(from) + "\"");
    }
}
