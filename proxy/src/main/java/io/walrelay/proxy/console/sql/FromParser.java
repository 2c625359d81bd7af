package io.walrelay.proxy.console.sql;

import io.walrelay.proxy.console.sql.Query.Alias;
import io.walrelay.wire.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The FROM clause. */
final class FromParser {
    private final TokenStream tokens;
    private final ExpressionParser expressions;
    private final QueryParser queries;

    FromParser(TokenStream tokens, ExpressionParser expressions, QueryParser queries) {
        this.tokens = tokens;
        this.expressions = expressions;
        this.queries = queries;
    }

    List<Query.From> items() {
        List<Query.From> items = new ArrayList<>();
        do {
            items.add(joined());
        } while (tokens.takeMark(","));
        return items;
    }

    private Query.From joined() {
        tokens.enter();
        Query.From left = item();
        while (true) {
            int at = tokens.peek().at();
            boolean natural = tokens.takeWord("natural");
            Optional<String> kind = kind();
            if (kind.isEmpty()) {
                tokens.leave();
                return left;
            }
            Query.From right = item();
            left = conditioned(at, kind.get(), left, right, natural);
        }
    }

    private Optional<String> kind() {
        if (tokens.takeWords("cross", "join")) {
            return Optional.of("CROSS");
        }
        if (tokens.takeWord("join") || tokens.takeWords("inner", "join")) {
            return Optional.of("INNER");
        }
        for (String side : List.of("left", "right", "full")) {
            if (tokens.takeWord(side)) {
                tokens.takeWord("outer");
                tokens.expectWord("join");
                return Optional.of(side.toUpperCase(java.util.Locale.ROOT));
            }
        }
        return Optional.empty();
    }

    private Query.From conditioned(int at, String kind, Query.From left, Query.From right, boolean natural) {
        if (natural || kind.equals("CROSS")) {
            return new Query.Join(at, kind, left, right, natural, Optional.empty(), List.of());
        }
        if (tokens.takeWord("using")) {
            return new Query.Join(at, kind, left, right, false, Optional.empty(), queries.names());
        }
        tokens.expectWord("on");
        return new Query.Join(at, kind, left, right, false, Optional.of(expressions.expression()), List.of());
    }

    private Query.From item() {
        int at = tokens.peek().at();
        boolean lateral = tokens.takeWord("lateral");
        if (tokens.isMark("(")) {
            return queries.isAhead() ? parenthesized(at, lateral) : joinInParentheses();
        }
        if (tokens.isWord("rows") && tokens.peek(1).isWord("from")) {
            throw tokens.error(at, SqlState.FEATURE_NOT_SUPPORTED, "ROWS FROM is not supported by walrelay");
        }
        int mark = tokens.mark();
        boolean only = tokens.takeWord("only");
        names();
        if (tokens.isMark("(") && !only) {
            tokens.backTo(mark);
            return function(at);
        }
        tokens.backTo(mark);
        return table();
    }

    /** A query, or a join that begins with one. */
    private Query.From parenthesized(int at, boolean lateral) {
        int mark = tokens.mark();
        tokens.take();
        if (tokens.isMark("(")) {
            // ((SELECT ...) a JOIN ...) or ((SELECT ...)): try the query first, it is what clients write.
            tokens.backTo(mark);
            try {
                return derived(at, lateral);
            } catch (io.walrelay.wire.error.PgException e) {
                tokens.backTo(mark);
                return joinInParentheses();
            }
        }
        tokens.backTo(mark);
        return derived(at, lateral);
    }

    private Query.From derived(int at, boolean lateral) {
        tokens.expectMark("(");
        Query query = queries.query();
        tokens.expectMark(")");
        return new Query.Derived(at, query, lateral, alias());
    }

    private Query.From joinInParentheses() {
        tokens.expectMark("(");
        Query.From joined = joined();
        tokens.expectMark(")");
        return joined;
    }

    private Query.From function(int at) {
        List<String> names = names();
        Expr.Call call = new CallParser(tokens, expressions, queries).call(at, names);
        boolean ordinality = tokens.takeWords("with", "ordinality");
        return new Query.RowsFrom(at, call, ordinality, alias());
    }

    /** A table by its name. */
    Query.Table table() {
        tokens.takeWord("only");
        int at = tokens.peek().at();
        List<String> names = names();
        tokens.takeOperator("*");
        Alias alias = alias();
        if (tokens.isWord("tablesample")) {
            throw tokens.error(at, SqlState.FEATURE_NOT_SUPPORTED, "TABLESAMPLE is not supported by walrelay");
        }
        return new Query.Table(at, names, alias);
    }

    private List<String> names() {
        List<String> names = new ArrayList<>();
        if (!Keywords.isFunctionName(tokens.peek())) {
            throw tokens.unexpected();
        }
        names.add(tokens.take().text());
        while (tokens.takeMark(".")) {
            names.add(tokens.label());
        }
        return names;
    }

    private Alias alias() {
        Optional<String> name;
        if (tokens.takeWord("as")) {
            name = Optional.of(tokens.columnName());
        } else {
            name = tokens.isWord("tablesample") ? Optional.empty() : tokens.bareAlias();
        }
        if (name.isEmpty()) {
            return Alias.NONE;
        }
        return new Alias(name, tokens.isMark("(") ? columns() : List.of());
    }

    /** Names of columns; types, which a function that gives records needs, are read over. */
    private List<String> columns() {
        List<String> columns = new ArrayList<>();
        tokens.expectMark("(");
        do {
            columns.add(tokens.columnName());
            if (!tokens.isMark(",") && !tokens.isMark(")")) {
                new TypeParser(tokens).type();
            }
        } while (tokens.takeMark(","));
        tokens.expectMark(")");
        return columns;
    }
}
