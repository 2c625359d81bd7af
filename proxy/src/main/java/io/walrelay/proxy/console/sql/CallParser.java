package io.walrelay.proxy.console.sql;

import io.walrelay.proxy.console.sql.Expr.SortKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Calls: of functions, aggregates and window functions, and those with words among their arguments. */
final class CallParser {
    private static final Set<String> SPECIAL = Set.of("extract", "substring", "trim", "position", "overlay");

    private final TokenStream tokens;
    private final ExpressionParser expressions;
    private final QueryParser queries;

    CallParser(TokenStream tokens, ExpressionParser expressions, QueryParser queries) {
        this.tokens = tokens;
        this.expressions = expressions;
        this.queries = queries;
    }

    boolean isSpecial() {
        return SPECIAL.contains(tokens.peek().text()) && tokens.peek(1).isMark("(");
    }

    /** {@code EXTRACT(field FROM source)} and the like, as the plain calls that they stand for. */
    Expr special() {
        Token name = tokens.take();
        tokens.expectMark("(");
        Expr call = switch (name.text()) {
            case "extract" -> extract(name.at());
            case "position" -> position(name.at());
            case "trim" -> trim(name.at());
            default -> words(name);
        };
        tokens.expectMark(")");
        return call;
    }

    private Expr extract(int at) {
        Token field = tokens.peek();
        String text = field.kind() == Token.Kind.STRING ? tokens.take().text() : tokens.label();
        tokens.expectWord("from");
        return new Expr.Call(at, "extract", List.of(new Expr.Text(field.at(), text), expressions.expression()));
    }

    private Expr position(int at) {
        Expr part = expressions.operand();
        tokens.expectWord("in");
        return new Expr.Call(at, "position", List.of(expressions.operand(), part));
    }

    private Expr trim(int at) {
        String function = "btrim";
        if (tokens.takeWord("leading")) {
            function = "ltrim";
        } else if (tokens.takeWord("trailing")) {
            function = "rtrim";
        } else {
            tokens.takeWord("both");
        }
        List<Expr> arguments = new ArrayList<>();
        if (!tokens.takeWord("from")) {
            arguments.add(expressions.expression());
        }
        if (arguments.isEmpty()) {
            arguments.add(expressions.expression());
        } else if (tokens.takeWord("from")) {
            arguments.add(0, expressions.expression());
        }
        while (tokens.takeMark(",")) {
            arguments.add(expressions.expression());
        }
        return new Expr.Call(at, function, arguments);
    }

    private Expr words(Token name) {
        List<Expr> arguments = new ArrayList<>();
        arguments.add(expressions.expression());
        while (tokens.takeWord("placing")
                || tokens.takeWord("from")
                || tokens.takeWord("for")
                || tokens.takeMark(",")) {
            arguments.add(expressions.expression());
        }
        return new Expr.Call(name.at(), name.text(), arguments);
    }

    /** A call whose name has been read. */
    Expr.Call call(int at, List<String> names) {
        tokens.expectMark("(");
        boolean star = false;
        boolean distinct = false;
        List<Expr> arguments = new ArrayList<>();
        List<SortKey> order = List.of();
        if (tokens.takeOperator("*")) {
            star = true;
        } else if (!tokens.isMark(")")) {
            distinct = tokens.takeWord("distinct");
            boolean all = !distinct && tokens.takeWord("all");
            do {
                boolean variadic = !all && tokens.takeWord("variadic");
                arguments.add(argument(variadic));
            } while (tokens.takeMark(","));
            order = queries.orderBy();
        }
        tokens.expectMark(")");
        Optional<Expr> filter = Optional.empty();
        if (tokens.isWord("filter") && tokens.peek(1).isMark("(")) {
            tokens.take();
            tokens.expectMark("(");
            tokens.expectWord("where");
            filter = Optional.of(expressions.expression());
            tokens.expectMark(")");
        }
        Optional<Expr.Window> over = tokens.takeWord("over") ? Optional.of(queries.over()) : Optional.empty();
        return new Expr.Call(at, names, arguments, star, distinct, order, filter, over);
    }

    private Expr argument(boolean variadic) {
        boolean named = Keywords.isLabel(tokens.peek())
                && (tokens.peek(1).isOperator("=>")
                        || (tokens.peek(1).isMark(":") && tokens.peek(2).isOperator("=")));
        if (named) {
            // Names of arguments are not looked at: they come in the order of the declaration with every client seen.
            tokens.take();
            tokens.take();
            tokens.takeOperator("=");
        }
        Expr argument = expressions.expression();
        return variadic ? new Expr.Call(argument.at(), "variadic", List.of(argument)) : argument;
    }
}
