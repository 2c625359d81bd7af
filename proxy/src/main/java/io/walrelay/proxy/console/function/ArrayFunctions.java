package io.walrelay.proxy.console.function;

import static io.walrelay.proxy.console.function.Arguments.integer;
import static io.walrelay.proxy.console.function.Arguments.list;
import static io.walrelay.proxy.console.function.Arguments.value;

import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Arrays, and functions that give rows.
 *
 * @see <a href="https://www.postgresql.org/docs/current/functions-array.html">Array Functions and Operators</a>
 */
final class ArrayFunctions {
    private static final int MOST_ROWS = 1_000_000;

    private ArrayFunctions() {}

    static Functions all() {
        return new Functions("pg_catalog")
                .add("array_length(anyarray, int4) int4", (c, a) -> length(list(a, 0), integer(a, 1)))
                .add("array_upper(anyarray, int4) int4", (c, a) -> length(list(a, 0), integer(a, 1)))
                .add("array_lower(anyarray, int4) int4", (c, a) -> length(list(a, 0), integer(a, 1)) == null ? null : 1)
                .add("array_ndims(anyarray) int4", (c, a) -> list(a, 0).isEmpty() ? null : 1)
                .add("cardinality(anyarray) int4", (c, a) -> list(a, 0).size())
                .addNullable("array_append(anyarray, anyelement) anyarray", (c, a) -> joined(elements(a[0]), one(a[1])))
                .addNullable(
                        "array_prepend(anyelement, anyarray) anyarray", (c, a) -> joined(one(a[0]), elements(a[1])))
                .addNullable("array_cat(anyarray, anyarray) anyarray", (c, a) -> joined(elements(a[0]), elements(a[1])))
                .addNullable("array_position(anyarray, anyelement) int4", (c, a) -> position(a))
                .addNullable("array_remove(anyarray, anyelement) anyarray", (c, a) -> removed(a))
                .add("unnest(anyarray) setof anyelement", (c, a) -> list(a, 0))
                .add(
                        "generate_subscripts(anyarray, int4) setof int4",
                        (c, a) -> integer(a, 1) == 1
                                ? IntStream.rangeClosed(1, list(a, 0).size())
                                        .boxed()
                                        .toList()
                                : List.of())
                .add(
                        "generate_series(int4, int4, int4 =) setof int4",
                        (c, a) -> series(c, a).stream().map(Long::intValue).toList())
                .add("generate_series(int8, int8, int8 =) setof int8", (c, a) -> series(c, a))
                .add("generate_series(timestamptz, timestamptz, interval) setof timestamptz", (c, a) -> times(c, a));
    }

    private static @Nullable Integer length(List<?> list, int dimension) {
        return dimension == 1 && !list.isEmpty() ? list.size() : null;
    }

    private static List<?> elements(@Nullable Object array) {
        return array == null ? List.of() : (List<?>) array;
    }

    private static List<@Nullable Object> one(@Nullable Object element) {
        List<@Nullable Object> list = new ArrayList<>();
        list.add(element);
        return list;
    }

    private static List<@Nullable Object> joined(List<?> first, List<?> second) {
        List<@Nullable Object> list = new ArrayList<>(first);
        list.addAll(second);
        if (list.size() > MOST_ROWS) {
            throw PgException.error(SqlState.of("54000"), "array size exceeds the maximum allowed (" + MOST_ROWS + ")");
        }
        return list;
    }

    private static @Nullable Object position(@Nullable Object[] arguments) {
        int index = elements(arguments[0]).indexOf(arguments[1]);
        return index < 0 ? null : index + 1;
    }

    private static @Nullable Object removed(@Nullable Object[] arguments) {
        if (arguments[0] == null) {
            return null;
        }
        List<@Nullable Object> list = new ArrayList<>(list(arguments, 0));
        list.removeIf(element -> java.util.Objects.equals(element, arguments[1]));
        return list;
    }

    private static List<Long> series(CallContext context, @Nullable Object[] arguments) {
        long from = Arguments.bigint(arguments, 0);
        long to = Arguments.bigint(arguments, 1);
        long step = arguments.length > 2 ? Arguments.bigint(arguments, 2) : 1;
        if (step == 0) {
            throw PgException.error(SqlState.INVALID_PARAMETER_VALUE, "step size cannot equal zero");
        }
        List<Long> values = new ArrayList<>();
        for (long value = from; step > 0 ? value <= to : value >= to; value += step) {
            values.add(value);
            require(context, values.size());
            if (step > 0 ? value > Long.MAX_VALUE - step : value < Long.MIN_VALUE - step) {
                break;
            }
        }
        return values;
    }

    private static void require(CallContext context, int rows) {
        if (rows > MOST_ROWS) {
            throw PgException.error(
                    SqlState.of("54000"), "set-returning function gives more than " + MOST_ROWS + " rows");
        }
        if ((rows & 0xFFF) == 0) {
            context.checkCancelled();
        }
    }

    private static List<OffsetDateTime> times(CallContext context, @Nullable Object[] arguments) {
        OffsetDateTime time = value(OffsetDateTime.class, arguments, 0);
        OffsetDateTime to = value(OffsetDateTime.class, arguments, 1);
        Duration step = value(Duration.class, arguments, 2);
        if (step.isZero()) {
            throw PgException.error(SqlState.INVALID_PARAMETER_VALUE, "step size cannot equal zero");
        }
        List<OffsetDateTime> values = new ArrayList<>();
        while (step.isNegative() ? !time.isBefore(to) : !time.isAfter(to)) {
            values.add(time);
            require(context, values.size());
            time = time.plus(step);
        }
        return values;
    }
}
