package io.walrelay.proxy.console.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What an expression is made of. */
public final class ExprParts {
    private ExprParts() {}

    /** The expressions directly in this one, in their order in the statement; queries within it are none. */
    public static List<Expr> of(Expr expression) {
        return switch (expression) {
            case Expr.Text text -> List.of();
            case Expr.Numeral number -> List.of();
            case Expr.Truth truth -> List.of();
            case Expr.Null none -> List.of();
            case Expr.Parameter parameter -> List.of();
            case Expr.ColumnRef column -> List.of();
            case Expr.Star star -> List.of();
            case Expr.Exists exists -> List.of();
            case Expr.Scalar scalar -> List.of();
            case Expr.ArrayQuery array -> List.of();
            case Expr.Call call -> call(call);
            case Expr.Operation operation -> with(operation.left(), List.of(operation.right()));
            case Expr.Logical logical -> logical.parts();
            case Expr.Not not -> List.of(not.operand());
            case Expr.Is is -> List.of(is.operand());
            case Expr.DistinctFrom distinct -> List.of(distinct.left(), distinct.right());
            case Expr.Between between -> List.of(between.operand(), between.low(), between.high());
            case Expr.InList in -> with(Optional.of(in.operand()), in.values());
            case Expr.InQuery in -> List.of(in.operand());
            case Expr.QuantifiedArray quantified -> List.of(quantified.operand(), quantified.array());
            case Expr.QuantifiedQuery quantified -> List.of(quantified.operand());
            case Expr.Like like -> {
                List<Expr> parts = new ArrayList<>(List.of(like.operand(), like.pattern()));
                like.escape().ifPresent(parts::add);
                yield parts;
            }
            case Expr.Cast cast -> List.of(cast.operand());
            case Expr.Case choice -> choice(choice);
            case Expr.ArrayOf array -> array.elements();
            case Expr.Row row -> row.fields();
            case Expr.Subscript subscript -> List.of(subscript.array(), subscript.index());
            case Expr.Field field -> List.of(field.operand());
            case Expr.AtTimeZone zone -> List.of(zone.operand(), zone.zone());
        };
    }

    private static List<Expr> with(Optional<Expr> first, List<Expr> others) {
        List<Expr> parts = new ArrayList<>();
        first.ifPresent(parts::add);
        parts.addAll(others);
        return parts;
    }

    private static List<Expr> call(Expr.Call call) {
        List<Expr> parts = new ArrayList<>(call.arguments());
        call.order().forEach(key -> parts.add(key.expression()));
        call.filter().ifPresent(parts::add);
        call.over().ifPresent(window -> {
            parts.addAll(window.partition());
            window.order().forEach(key -> parts.add(key.expression()));
        });
        return parts;
    }

    private static List<Expr> choice(Expr.Case choice) {
        List<Expr> parts = new ArrayList<>();
        choice.operand().ifPresent(parts::add);
        choice.branches().forEach(branch -> parts.addAll(List.of(branch.condition(), branch.result())));
        choice.otherwise().ifPresent(parts::add);
        return parts;
    }
}
