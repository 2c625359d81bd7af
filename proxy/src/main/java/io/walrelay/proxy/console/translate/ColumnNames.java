package io.walrelay.proxy.console.translate;

import io.walrelay.proxy.console.sql.Expr;
import io.walrelay.proxy.console.sql.Query;
import java.util.List;
import java.util.Optional;

/** What a column of a result is called that was given no name: {@code FigureColname} in {@code parse_target.c}. */
final class ColumnNames {
    private static final String NONE = "?column?";

    private ColumnNames() {}

    static String of(Query.Target target) {
        return target.alias()
                .or(() -> strong(target.expression()))
                .or(() -> weak(target.expression()))
                .orElse(NONE);
    }

    /** A name that comes from a column or a function. */
    private static Optional<String> strong(Expr expression) {
        return switch (expression) {
            case Expr.ColumnRef reference ->
                Optional.of(reference.names().get(reference.names().size() - 1));
            case Expr.Call call -> Optional.of(call.name());
            case Expr.Field field -> Optional.of(field.field());
            case Expr.Subscript subscript -> strong(subscript.array());
            case Expr.Cast cast -> strong(cast.operand());
            case Expr.Exists exists -> Optional.of("exists");
            case Expr.ArrayQuery array -> Optional.of("array");
            case Expr.ArrayOf array -> Optional.of("array");
            case Expr.Row row -> row.fields().size() == 1 ? strong(row.fields().get(0)) : Optional.of("row");
            case Expr.AtTimeZone zone -> Optional.of("timezone");
            case Expr.Scalar scalar -> scalar(scalar.query().body());
            case Expr.Case choice -> choice.otherwise().flatMap(ColumnNames::strong);
            default -> Optional.empty();
        };
    }

    private static Optional<String> scalar(Query.Body body) {
        return body instanceof Query.Select select && select.targets().size() == 1
                ? Optional.of(of(select.targets().get(0)))
                : Optional.empty();
    }

    /** A name that anything better replaces. */
    private static Optional<String> weak(Expr expression) {
        return switch (expression) {
            case Expr.Cast cast -> Optional.of(cast.type().name());
            case Expr.Case choice -> Optional.of("case");
            case Expr.Truth truth -> Optional.of("bool");
            default -> Optional.empty();
        };
    }

    /** Of the columns of VALUES. */
    static List<String> ofValues(int count) {
        return java.util.stream.IntStream.rangeClosed(1, count)
                .mapToObj(i -> "column" + i)
                .toList();
    }
}
