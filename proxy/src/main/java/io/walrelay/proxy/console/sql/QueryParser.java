package io.walrelay.proxy.console.sql;

import io.walrelay.proxy.console.sql.Expr.SortKey;
import io.walrelay.wire.error.SqlState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Queries, without their FROM clause. */
final class QueryParser {
    private final TokenStream tokens;
    private final ExpressionParser expressions;
    private final FromParser from;

    QueryParser(TokenStream tokens) {
        this.tokens = tokens;
        this.expressions = new ExpressionParser(tokens, this);
        this.from = new FromParser(tokens, expressions, this);
    }

    ExpressionParser expressions() {
        return expressions;
    }

    /** Whether a query begins here, parentheses before it left aside. */
    boolean isAhead() {
        int ahead = 0;
        while (tokens.peek(ahead).isMark("(")) {
            ahead++;
        }
        Token token = tokens.peek(ahead);
        return token.isWord("select") || token.isWord("values") || token.isWord("with") || isTable(ahead);
    }

    private boolean isTable(int ahead) {
        return tokens.peek(ahead).isWord("table") && Keywords.isLabel(tokens.peek(ahead + 1));
    }

    Query query() {
        tokens.enter();
        int at = tokens.peek().at();
        List<Query.Cte> with = new ArrayList<>();
        boolean recursive = false;
        if (tokens.takeWord("with")) {
            recursive = tokens.takeWord("recursive");
            do {
                with.add(cte());
            } while (tokens.takeMark(","));
        }
        Query.Body body = body(1);
        List<SortKey> order = orderBy();
        Optional<Expr> limit = Optional.empty();
        Optional<Expr> offset = Optional.empty();
        while (true) {
            if (limit.isEmpty() && tokens.takeWord("limit")) {
                limit = tokens.takeWord("all") ? Optional.of(new Expr.Null(at)) : Optional.of(expressions.expression());
            } else if (limit.isEmpty() && tokens.takeWord("fetch")) {
                limit = Optional.of(fetch());
            } else if (offset.isEmpty() && tokens.takeWord("offset")) {
                offset = Optional.of(expressions.expression());
                boolean row = tokens.takeWord("row") || tokens.takeWord("rows");
                if (row && tokens.atEnd()) {
                    break;
                }
            } else {
                break;
            }
        }
        if (tokens.isWord("for")) {
            throw PgRefusals.readOnly("SELECT FOR UPDATE");
        }
        tokens.leave();
        return new Query(at, with, recursive, body, order, limit, offset);
    }

    private Expr fetch() {
        if (!tokens.takeWord("first")) {
            tokens.expectWord("next");
        }
        Expr count = tokens.isWord("row") || tokens.isWord("rows")
                ? new Expr.Numeral(tokens.peek().at(), "1")
                : expressions.operand();
        if (!tokens.takeWord("row")) {
            tokens.expectWord("rows");
        }
        tokens.expectWord("only");
        return count;
    }

    private Query.Cte cte() {
        int at = tokens.peek().at();
        String name = tokens.columnName();
        List<String> columns = tokens.isMark("(") ? names() : List.of();
        tokens.expectWord("as");
        if (tokens.takeWord("not")) {
            tokens.expectWord("materialized");
        } else {
            tokens.takeWord("materialized");
        }
        tokens.expectMark("(");
        if (!isAhead()) {
            ChangeParser.refuse(tokens);
        }
        Query query = query();
        tokens.expectMark(")");
        return new Query.Cte(at, name, columns, query);
    }

    /** Names in parentheses. */
    List<String> names() {
        List<String> names = new ArrayList<>();
        tokens.expectMark("(");
        do {
            names.add(tokens.columnName());
        } while (tokens.takeMark(","));
        tokens.expectMark(")");
        return names;
    }

    /** UNION and EXCEPT (1), INTERSECT (2) binds tighter. */
    private Query.Body body(int precedence) {
        Query.Body left = precedence == 2 ? simple() : body(2);
        while (precedence == 1 ? tokens.isWord("union") || tokens.isWord("except") : tokens.isWord("intersect")) {
            Token operator = tokens.take();
            boolean all = tokens.takeWord("all");
            if (!all) {
                tokens.takeWord("distinct");
            }
            Query.Body right = precedence == 1 ? body(2) : simple();
            left = new Query.SetOperation(operator.at(), operator.text(), all, left, right);
        }
        return left;
    }

    private Query.Body simple() {
        Token token = tokens.peek();
        if (tokens.takeMark("(")) {
            Query nested = query();
            tokens.expectMark(")");
            return new Query.Nested(nested);
        }
        if (tokens.takeWord("values")) {
            return values(token.at());
        }
        if (tokens.takeWord("table")) {
            return select(
                    token.at(),
                    List.of(new Query.Target(new Expr.Star(token.at(), List.of()), Optional.empty())),
                    List.of(from.table()));
        }
        tokens.expectWord("select");
        return select(token.at());
    }

    private Query.Values values(int at) {
        List<List<Expr>> rows = new ArrayList<>();
        do {
            tokens.expectMark("(");
            rows.add(expressions.expressions());
            tokens.expectMark(")");
            if (rows.get(rows.size() - 1).size() != rows.get(0).size()) {
                throw tokens.error(at, SqlState.SYNTAX_ERROR, "VALUES lists must all be the same length");
            }
        } while (tokens.takeMark(","));
        return new Query.Values(at, rows);
    }

    private static Query.Select select(int at, List<Query.Target> targets, List<Query.From> items) {
        return new Query.Select(
                at, false, List.of(), targets, items, Optional.empty(), List.of(), Optional.empty(), Map.of());
    }

    private Query.Select select(int at) {
        List<Expr> distinctOn = List.of();
        boolean distinct = tokens.takeWord("distinct");
        if (distinct && tokens.takeWord("on")) {
            tokens.expectMark("(");
            distinctOn = expressions.expressions();
            tokens.expectMark(")");
        } else if (!distinct) {
            tokens.takeWord("all");
        }
        List<Query.Target> targets = targets();
        if (tokens.isWord("into")) {
            throw PgRefusals.readOnly("SELECT INTO");
        }
        List<Query.From> items = tokens.takeWord("from") ? from.items() : List.of();
        Optional<Expr> where = tokens.takeWord("where") ? Optional.of(expressions.expression()) : Optional.empty();
        List<Expr> groupBy = tokens.takeWords("group", "by") ? groups() : List.of();
        Optional<Expr> having = tokens.takeWord("having") ? Optional.of(expressions.expression()) : Optional.empty();
        Map<String, Expr.Window> windows = new LinkedHashMap<>();
        if (tokens.takeWord("window")) {
            do {
                String name = tokens.columnName();
                tokens.expectWord("as");
                windows.put(name, over());
            } while (tokens.takeMark(","));
        }
        return new Query.Select(at, distinct, distinctOn, targets, items, where, groupBy, having, windows);
    }

    private List<Expr> groups() {
        Token token = tokens.peek();
        if (token.isWord("rollup") || token.isWord("cube") || token.isWord("grouping")) {
            throw tokens.error(
                    token.at(), SqlState.FEATURE_NOT_SUPPORTED, "grouping sets are not supported by walrelay");
        }
        return expressions.expressions();
    }

    private List<Query.Target> targets() {
        List<Query.Target> targets = new ArrayList<>();
        if (tokens.atEnd() || tokens.isWord("from") || tokens.isMark(")")) {
            throw tokens.error(
                    tokens.peek().at(), SqlState.FEATURE_NOT_SUPPORTED, "SELECT without columns is not supported");
        }
        do {
            Expr expression = expressions.expression();
            Optional<String> alias = Optional.empty();
            if (tokens.takeWord("as")) {
                alias = Optional.of(tokens.label());
            } else if (Keywords.isBareLabel(tokens.peek())) {
                alias = Optional.of(tokens.take().text());
            }
            targets.add(new Query.Target(expression, alias));
        } while (tokens.takeMark(","));
        return targets;
    }

    /** ORDER BY, if it is there. */
    List<SortKey> orderBy() {
        List<SortKey> order = new ArrayList<>();
        if (!tokens.takeWords("order", "by")) {
            return order;
        }
        do {
            Expr expression = expressions.expression();
            boolean descending = tokens.takeWord("desc");
            if (!descending) {
                tokens.takeWord("asc");
            }
            Optional<Boolean> nullsFirst = Optional.empty();
            if (tokens.takeWords("nulls", "first")) {
                nullsFirst = Optional.of(true);
            } else if (tokens.takeWords("nulls", "last")) {
                nullsFirst = Optional.of(false);
            }
            order.add(new SortKey(expression, descending, nullsFirst));
        } while (tokens.takeMark(","));
        return order;
    }

    /** What follows OVER. */
    Expr.Window over() {
        if (!tokens.takeMark("(")) {
            return new Expr.Window(Optional.of(tokens.columnName()), List.of(), List.of(), "");
        }
        Optional<String> reference = Optional.empty();
        Token token = tokens.peek();
        boolean clause = token.isWord("partition")
                || token.isWord("order")
                || token.isWord("rows")
                || token.isWord("range")
                || token.isWord("groups");
        if (!clause && Keywords.isColumnName(token)) {
            reference = Optional.of(tokens.take().text());
        }
        List<Expr> partition = tokens.takeWords("partition", "by") ? expressions.expressions() : List.of();
        List<SortKey> order = orderBy();
        String frame = frame();
        tokens.expectMark(")");
        return new Expr.Window(reference, partition, order, frame);
    }

    /** Only words of the standard and numbers get into it. */
    private String frame() {
        StringBuilder frame = new StringBuilder();
        while (!tokens.isMark(")")) {
            Token token = tokens.peek();
            boolean word = token.kind() == Token.Kind.WORD && FRAME_WORDS.contains(token.text());
            if (!word && token.kind() != Token.Kind.NUMBER) {
                throw tokens.unexpected();
            }
            frame.append(' ').append(tokens.take().text());
        }
        return frame.toString();
    }

    private static final List<String> FRAME_WORDS = List.of(
            "rows",
            "range",
            "groups",
            "between",
            "and",
            "unbounded",
            "preceding",
            "following",
            "current",
            "row",
            "exclude",
            "ties",
            "no",
            "others",
            "group");
}
