package io.walrelay.proxy.console.sql;

import io.walrelay.proxy.console.sql.Token.Kind;
import io.walrelay.wire.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What stands between operators: literals, columns, calls, parentheses, and what is written behind them. */
final class PrimaryParser {
    /** Functions of the standard that are called without parentheses. */
    private static final Set<String> BARE = Set.of(
            "current_user",
            "session_user",
            "user",
            "current_role",
            "current_schema",
            "current_catalog",
            "current_date",
            "current_timestamp",
            "current_time",
            "localtimestamp",
            "localtime");

    private final TokenStream tokens;
    private final ExpressionParser expressions;
    private final QueryParser queries;
    private final TypeParser types;
    private final CallParser calls;

    PrimaryParser(TokenStream tokens, ExpressionParser expressions, QueryParser queries) {
        this.tokens = tokens;
        this.expressions = expressions;
        this.queries = queries;
        this.types = new TypeParser(tokens);
        this.calls = new CallParser(tokens, expressions, queries);
    }

    Expr primary() {
        Expr primary = bare();
        while (true) {
            Token token = tokens.peek();
            if (tokens.takeMark("::")) {
                primary = new Expr.Cast(token.at(), primary, types.type());
            } else if (tokens.takeMark("[")) {
                Expr index = expressions.expression();
                if (tokens.isMark(":")) {
                    throw tokens.error(
                            token.at(), SqlState.FEATURE_NOT_SUPPORTED, "array slices are not supported by walrelay");
                }
                tokens.expectMark("]");
                primary = new Expr.Subscript(token.at(), primary, index);
            } else if (tokens.isMark(".") && !(primary instanceof Expr.ColumnRef)) {
                tokens.take();
                primary = tokens.takeOperator("*")
                        ? new Expr.Field(token.at(), primary, "*")
                        : new Expr.Field(token.at(), primary, tokens.label());
            } else {
                return primary;
            }
        }
    }

    private Expr bare() {
        Token token = tokens.peek();
        return switch (token.kind()) {
            case STRING -> new Expr.Text(tokens.take().at(), token.text());
            case NUMBER -> new Expr.Numeral(tokens.take().at(), token.text());
            case PARAMETER -> parameter();
            case WORD -> word();
            case QUOTED -> named();
            case MARK -> parenthesis();
            case OPERATOR -> {
                if (tokens.takeOperator("*")) {
                    yield new Expr.Star(token.at(), List.of());
                }
                throw tokens.unexpected();
            }
            case BITS ->
                throw tokens.error(
                        token.at(), SqlState.FEATURE_NOT_SUPPORTED, "bit strings are not supported by walrelay");
            case END -> throw tokens.unexpected();
        };
    }

    private Expr parameter() {
        Token token = tokens.take();
        if (token.text().length() > 5 || token.text().equals("0")) {
            throw tokens.error(token.at(), SqlState.of("42P02"), "there is no parameter $" + token.text());
        }
        return new Expr.Parameter(token.at(), Integer.parseInt(token.text()));
    }

    private Expr parenthesis() {
        Token open = tokens.expectMark("(");
        Expr inside;
        if (queries.isAhead()) {
            inside = new Expr.Scalar(open.at(), queries.query());
        } else {
            List<Expr> list = expressions.expressions();
            inside = list.size() == 1 ? parenthesized(open, list.get(0)) : new Expr.Row(open.at(), list);
        }
        tokens.expectMark(")");
        return inside;
    }

    /** {@code (a).b} is a field of the column a, where {@code a.b} is the column b of the table a. */
    private Expr parenthesized(Token open, Expr inside) {
        boolean field = tokens.isMark(")") && tokens.peek(1).isMark(".") && inside instanceof Expr.ColumnRef;
        return field ? new Expr.Row(open.at(), List.of(inside)) : inside;
    }

    private Expr word() {
        Token token = tokens.peek();
        boolean call = tokens.peek(1).isMark("(");
        switch (token.text()) {
            case "null" -> {
                return new Expr.Null(tokens.take().at());
            }
            case "true", "false" -> {
                return new Expr.Truth(tokens.take().at(), token.isWord("true"));
            }
            case "case" -> {
                return caseOf();
            }
            case "cast" -> {
                return castOf();
            }
            case "exists" -> {
                if (call) {
                    return exists();
                }
            }
            case "array" -> {
                return array();
            }
            case "row" -> {
                if (call) {
                    return row();
                }
            }
            case "interval" -> {
                if (tokens.peek(1).kind() == Kind.STRING) {
                    return interval();
                }
            }
            default -> {
                if (BARE.contains(token.text()) && !call) {
                    tokens.take();
                    return new Expr.Call(token.at(), token.text(), List.of());
                }
            }
        }
        return named();
    }

    /** A column, a call, or a literal of a type. */
    private Expr named() {
        Token first = tokens.peek();
        int mark = tokens.mark();
        if (first.kind() == Kind.WORD && types.isAhead()) {
            // double precision '1', timestamp with time zone '...', pg_lsn '0/0'
            TypeName type = types.type();
            if (tokens.peek().kind() == Kind.STRING) {
                Token text = tokens.take();
                return new Expr.Cast(first.at(), new Expr.Text(text.at(), text.text()), type);
            }
            tokens.backTo(mark);
        }
        if (first.kind() == Kind.WORD && calls.isSpecial()) {
            return calls.special();
        }
        if (!Keywords.isFunctionName(first)) {
            throw tokens.unexpected();
        }
        List<String> names = new ArrayList<>();
        names.add(tokens.take().text());
        while (tokens.isMark(".")) {
            tokens.take();
            if (tokens.takeOperator("*")) {
                return new Expr.Star(first.at(), names);
            }
            names.add(tokens.label());
        }
        if (tokens.isMark("(")) {
            return calls.call(first.at(), names);
        }
        if (tokens.peek().kind() == Kind.STRING) {
            Token text = tokens.take();
            return new Expr.Cast(
                    first.at(),
                    new Expr.Text(text.at(), text.text()),
                    new TypeName(first.at(), names, List.of(), false));
        }
        if (names.size() == 1 && !Keywords.isColumnName(first)) {
            throw tokens.unexpected();
        }
        return new Expr.ColumnRef(first.at(), names);
    }

    private Expr interval() {
        Token word = tokens.take();
        Token text = tokens.take();
        return new Expr.Cast(
                word.at(),
                new Expr.Text(text.at(), text.text()),
                new TypeName(word.at(), List.of("interval"), List.of(), false));
    }

    private Expr caseOf() {
        int at = tokens.take().at();
        Optional<Expr> operand = tokens.isWord("when") ? Optional.empty() : Optional.of(expressions.expression());
        List<Expr.When> branches = new ArrayList<>();
        while (tokens.takeWord("when")) {
            Expr condition = expressions.expression();
            tokens.expectWord("then");
            branches.add(new Expr.When(condition, expressions.expression()));
        }
        if (branches.isEmpty()) {
            throw tokens.unexpected();
        }
        Optional<Expr> otherwise = tokens.takeWord("else") ? Optional.of(expressions.expression()) : Optional.empty();
        tokens.expectWord("end");
        return new Expr.Case(at, operand, branches, otherwise);
    }

    private Expr castOf() {
        int at = tokens.take().at();
        tokens.expectMark("(");
        Expr operand = expressions.expression();
        tokens.expectWord("as");
        TypeName type = types.type();
        tokens.expectMark(")");
        return new Expr.Cast(at, operand, type);
    }

    private Expr exists() {
        int at = tokens.take().at();
        tokens.expectMark("(");
        Query query = queries.query();
        tokens.expectMark(")");
        return new Expr.Exists(at, query);
    }

    private Expr array() {
        int at = tokens.take().at();
        if (tokens.takeMark("(")) {
            Query query = queries.query();
            tokens.expectMark(")");
            return new Expr.ArrayQuery(at, query);
        }
        tokens.expectMark("[");
        List<Expr> elements = tokens.isMark("]") ? List.of() : expressions.expressions();
        tokens.expectMark("]");
        return new Expr.ArrayOf(at, elements);
    }

    private Expr row() {
        int at = tokens.take().at();
        tokens.expectMark("(");
        List<Expr> fields = tokens.isMark(")") ? List.of() : expressions.expressions();
        tokens.expectMark(")");
        return new Expr.Row(at, fields);
    }
}
