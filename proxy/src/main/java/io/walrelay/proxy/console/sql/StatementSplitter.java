package io.walrelay.proxy.console.sql;

import java.util.ArrayList;
import java.util.List;

/** Where the statements of a simple Query end. */
public final class StatementSplitter {
    private StatementSplitter() {}

    /**
     * The statements between the semicolons, without the empty ones.
     *
     * @throws io.walrelay.wire.error.PgException 42601 for an unterminated quote or comment
     */
    public static List<String> split(String sql) {
        List<String> statements = new ArrayList<>();
        int begin = -1;
        int end = 0;
        for (Token token : SqlLexer.tokens(sql)) {
            boolean ends = token.isMark(";") || token.kind() == Token.Kind.END;
            if (ends && begin >= 0) {
                statements.add(sql.substring(begin, end));
                begin = -1;
            } else if (!ends) {
                begin = begin < 0 ? token.at() : begin;
                end = token.end();
            }
        }
        return statements;
    }
}
