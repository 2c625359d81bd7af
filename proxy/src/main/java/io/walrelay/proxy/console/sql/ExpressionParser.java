package io.walrelay.proxy.console.sql;

import io.walrelay.proxy.console.sql.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Operators by their precedence.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-PRECEDENCE">Operator Precedence</a>
 */
final class ExpressionParser {
    private static final int OR = 1;
    private static final int AND = 2;
    private static final int NOT = 3;
    private static final int IS = 4;
    private static final int COMPARISON = 5;
    private static final int MEMBERSHIP = 6;
    private static final int OTHER = 7;
    private static final int SUM = 8;
    private static final int PRODUCT = 9;
    private static final int POWER = 10;
    private static final int TIME_ZONE = 11;
    private static final int COLLATE = 12;
    private static final int SIGN = 13;

    private static final Set<String> COMPARISONS = Set.of("=", "<", ">", "<=", ">=", "<>");

    private final TokenStream tokens;
    private final QueryParser queries;
    private final PrimaryParser primaries;

    ExpressionParser(TokenStream tokens, QueryParser queries) {
        this.tokens = tokens;
        this.queries = queries;
        this.primaries = new PrimaryParser(tokens, this, queries);
    }

    Expr expression() {
        return atLeast(OR);
    }

    List<Expr> expressions() {
        List<Expr> list = new ArrayList<>();
        do {
            list.add(expression());
        } while (tokens.takeMark(","));
        return list;
    }

    /** Without what could be taken for the FOR, FROM or IN of a function with words in its argument list. */
    Expr operand() {
        return atLeast(OTHER);
    }

    private Expr atLeast(int precedence) {
        tokens.enter();
        Expr left = prefix();
        int reached = Integer.MAX_VALUE;
        while (true) {
            int next = precedenceAhead();
            // Comparisons and the like do not associate: a < b < c is an error.
            boolean chained = next == reached && (next == COMPARISON || next == MEMBERSHIP);
            if (next < precedence || chained) {
                break;
            }
            reached = next;
            left = continued(left, next);
        }
        tokens.leave();
        return left;
    }

    private Expr prefix() {
        Token token = tokens.peek();
        if (tokens.takeWord("not")) {
            return new Expr.Not(token.at(), atLeast(NOT));
        }
        if (token.isOperator("-") || token.isOperator("+")) {
            tokens.take();
            Expr operand = atLeast(SIGN);
            if (operand instanceof Expr.Numeral number && token.isOperator("-")) {
                return new Expr.Numeral(token.at(), "-" + number.text());
            }
            return new Expr.Operation(token.at(), token.text(), Optional.empty(), operand);
        }
        if (token.kind() == Kind.OPERATOR && !token.isOperator("*") && !COMPARISONS.contains(token.text())) {
            tokens.take();
            return new Expr.Operation(token.at(), token.text(), Optional.empty(), atLeast(OTHER + 1));
        }
        return primaries.primary();
    }

    private int precedenceAhead() {
        Token token = tokens.peek();
        if (token.kind() == Kind.OPERATOR) {
            return switch (token.text()) {
                case "=", "<", ">", "<=", ">=", "<>" -> COMPARISON;
                case "+", "-" -> SUM;
                case "*", "/", "%" -> PRODUCT;
                case "^" -> POWER;
                default -> OTHER;
            };
        }
        if (token.kind() != Kind.WORD) {
            return 0;
        }
        return switch (token.text()) {
            case "or" -> OR;
            case "and" -> AND;
            case "is", "isnull", "notnull" -> IS;
            case "between", "in", "like", "ilike", "similar" -> MEMBERSHIP;
            case "not" ->
                Set.of("between", "in", "like", "ilike", "similar")
                                .contains(tokens.peek(1).text())
                        ? MEMBERSHIP
                        : 0;
            case "operator" -> tokens.peek(1).isMark("(") ? OTHER : 0;
            case "at" -> tokens.peek(1).isWord("time") ? TIME_ZONE : 0;
            case "collate" -> COLLATE;
            default -> 0;
        };
    }

    private Expr continued(Expr left, int precedence) {
        Token token = tokens.peek();
        return switch (precedence) {
            case OR, AND -> logical(left, precedence);
            case IS -> is(left);
            case MEMBERSHIP -> membership(left);
            case TIME_ZONE -> {
                tokens.take();
                tokens.take();
                tokens.expectWord("zone");
                yield new Expr.AtTimeZone(token.at(), left, atLeast(TIME_ZONE + 1));
            }
            case COLLATE -> {
                tokens.take();
                collation();
                yield left;
            }
            default -> operation(left, precedence);
        };
    }

    private Expr logical(Expr left, int precedence) {
        int at = tokens.peek().at();
        String word = precedence == OR ? "or" : "and";
        List<Expr> parts = new ArrayList<>();
        parts.add(left);
        while (tokens.takeWord(word)) {
            parts.add(atLeast(precedence + 1));
        }
        return new Expr.Logical(at, precedence == AND, parts);
    }

    private void collation() {
        tokens.label();
        while (tokens.takeMark(".")) {
            tokens.label();
        }
    }

    private Expr is(Expr left) {
        Token token = tokens.take();
        if (!token.isWord("is")) {
            return new Expr.Is(token.at(), left, "null", token.isWord("notnull"));
        }
        boolean negated = tokens.takeWord("not");
        if (tokens.takeWord("distinct")) {
            tokens.expectWord("from");
            return new Expr.DistinctFrom(token.at(), left, atLeast(IS + 1), negated);
        }
        for (String what : List.of("null", "true", "false", "unknown")) {
            if (tokens.takeWord(what)) {
                return new Expr.Is(token.at(), left, what, negated);
            }
        }
        throw tokens.unexpected();
    }

    private Expr membership(Expr left) {
        Token token = tokens.peek();
        boolean negated = tokens.takeWord("not");
        if (tokens.takeWord("between")) {
            boolean symmetric = tokens.takeWord("symmetric");
            boolean ignored = !symmetric && tokens.takeWord("asymmetric");
            Expr low = atLeast(OTHER);
            tokens.expectWord("and");
            return new Expr.Between(token.at(), left, low, atLeast(OTHER), negated, symmetric && !ignored);
        }
        if (tokens.takeWord("in")) {
            return in(token.at(), left, negated);
        }
        boolean insensitive = tokens.isWord("ilike");
        if (tokens.takeWord("like") || tokens.takeWord("ilike")) {
            Expr pattern = atLeast(OTHER);
            Optional<Expr> escape = tokens.takeWord("escape") ? Optional.of(atLeast(OTHER)) : Optional.empty();
            return new Expr.Like(token.at(), left, pattern, escape, negated, insensitive);
        }
        tokens.expectWord("similar");
        tokens.expectWord("to");
        throw tokens.error(
                token.at(),
                io.walrelay.wire.error.SqlState.FEATURE_NOT_SUPPORTED,
                "SIMILAR TO is not supported by walrelay");
    }

    private Expr in(int at, Expr left, boolean negated) {
        tokens.expectMark("(");
        Expr result = queries.isAhead()
                ? new Expr.InQuery(at, left, queries.query(), negated)
                : new Expr.InList(at, left, expressions(), negated);
        tokens.expectMark(")");
        return result;
    }

    private Expr operation(Expr left, int precedence) {
        int at = tokens.peek().at();
        String operator = operator();
        boolean all = tokens.isWord("all");
        boolean quantified = (all || tokens.isWord("any") || tokens.isWord("some"))
                && tokens.peek(1).isMark("(");
        if (quantified) {
            tokens.take();
            tokens.expectMark("(");
            Expr result = queries.isAhead()
                    ? new Expr.QuantifiedQuery(at, left, operator, all, queries.query())
                    : new Expr.QuantifiedArray(at, left, operator, all, expression());
            tokens.expectMark(")");
            return result;
        }
        return new Expr.Operation(at, operator, Optional.of(left), atLeast(precedence + 1));
    }

    /** An operator, or {@code OPERATOR(schema.operator)}. */
    private String operator() {
        if (!tokens.takeWord("operator")) {
            return tokens.take().text();
        }
        tokens.expectMark("(");
        while (tokens.peek().kind() != Kind.OPERATOR) {
            tokens.label();
            tokens.expectMark(".");
        }
        String operator = tokens.take().text();
        tokens.expectMark(")");
        return operator;
    }
}
