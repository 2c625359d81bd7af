package io.walrelay.proxy.console.engine;

import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * The engine's only way out: one routine for each kind of result, which calls the function with this number among those
 * of the statement that runs on this thread. Public because the engine looks them up by name; without a statement they
 * do nothing.
 */
public final class Calls {
    private static final List<String> KINDS = List.of(
            "BOOLEAN",
            "INT2",
            "INT4",
            "INT8",
            "FLOAT4",
            "FLOAT8",
            "NUMERIC",
            "TEXT",
            "BYTES",
            "TIMESTAMPTZ",
            "TIMESTAMP",
            "DATE",
            "TIME",
            "INTERVAL",
            "LSN");

    private Calls() {}

    /** The SQL that makes them known to the engine. */
    static List<String> declarations() {
        List<String> all = new java.util.ArrayList<>();
        for (String kind : KINDS) {
            for (String name : List.of(kind, kind + "_ARRAY")) {
                String lower = name.toLowerCase(Locale.ROOT);
                all.add("CREATE ALIAS \"call_" + lower + "\" FOR '" + Calls.class.getName() + "." + method(lower)
                        + "'");
            }
        }
        return all;
    }

    /** A method cannot be called boolean. */
    private static String method(String kind) {
        return kind.replace("boolean", "bool").replace("_array", "Array");
    }

    private static <T> @Nullable T call(Class<T> type, int number, Value[] arguments) {
        return type.cast(Values.toEngine(Execution.current().call(number, arguments)));
    }

    private static <T> T @Nullable [] array(Class<T[]> type, int number, Value[] arguments) {
        Object[] elements = (Object[]) Values.toEngine(Execution.current().call(number, arguments));
        if (elements == null) {
            return null;
        }
        T[] typed = type.cast(Array.newInstance(type.getComponentType(), elements.length));
        return Arrays.asList(elements).toArray(typed);
    }

    /** A value of this kind. */
    public static @Nullable Boolean bool(int number, Value... arguments) {
        return call(Boolean.class, number, arguments);
    }

    /** An array of values of this kind. */
    public static Boolean @Nullable [] boolArray(int number, Value... arguments) {
        return array(Boolean[].class, number, arguments);
    }

    /** A value of this kind. */
    public static @Nullable Short int2(int number, Value... arguments) {
        return call(Short.class, number, arguments);
    }

    /** An array of values of this kind. */
    public static Short @Nullable [] int2Array(int number, Value... arguments) {
        return array(Short[].class, number, arguments);
    }

    /** A value of this kind. */
    public static @Nullable Integer int4(int number, Value... arguments) {
        return call(Integer.class, number, arguments);
    }

    /** An array of values of this kind. */
    public static Integer @Nullable [] int4Array(int number, Value... arguments) {
        return array(Integer[].class, number, arguments);
    }

    /** A value of this kind. */
    public static @Nullable Long int8(int number, Value... arguments) {
        return call(Long.class, number, arguments);
    }

    /** An array of values of this kind. */
    public static Long @Nullable [] int8Array(int number, Value... arguments) {
        return array(Long[].class, number, arguments);
    }

    /** A value of this kind. */
    public static @Nullable Float float4(int number, Value... arguments) {
        return call(Float.class, number, arguments);
    }

    /** An array of values of this kind. */
    public static Float @Nullable [] float4Array(int number, Value... arguments) {
        return array(Float[].class, number, arguments);
    }

    /** A value of this kind. */
    public static @Nullable Double float8(int number, Value... arguments) {
        return call(Double.class, number, arguments);
    }

    /** An array of values of this kind. */
    public static Double @Nullable [] float8Array(int number, Value... arguments) {
        return array(Double[].class, number, arguments);
    }

    /** A value of this kind. */
    public static @Nullable BigDecimal numeric(int number, Value... arguments) {
        return call(BigDecimal.class, number, arguments);
    }

    /** An array of values of this kind. */
    public static BigDecimal @Nullable [] numericArray(int number, Value... arguments) {
        return array(BigDecimal[].class, number, arguments);
    }

    /** A value of this kind. */
    public static @Nullable String text(int number, Value... arguments) {
        return call(String.class, number, arguments);
    }

    /** An array of values of this kind. */
    public static String @Nullable [] textArray(int number, Value... arguments) {
        return array(String[].class, number, arguments);
    }

    /** A value of this kind. */
    public static byte @Nullable [] bytes(int number, Value... arguments) {
        return call(byte[].class, number, arguments);
    }

    /** An array of values of this kind. */
    public static byte @Nullable [][] bytesArray(int number, Value... arguments) {
        return array(byte[][].class, number, arguments);
    }

    /** A value of this kind. */
    public static @Nullable OffsetDateTime timestamptz(int number, Value... arguments) {
        return call(OffsetDateTime.class, number, arguments);
    }

    /** An array of values of this kind. */
    public static OffsetDateTime @Nullable [] timestamptzArray(int number, Value... arguments) {
        return array(OffsetDateTime[].class, number, arguments);
    }

    /** A value of this kind. */
    public static @Nullable LocalDateTime timestamp(int number, Value... arguments) {
        return call(LocalDateTime.class, number, arguments);
    }

    /** An array of values of this kind. */
    public static LocalDateTime @Nullable [] timestampArray(int number, Value... arguments) {
        return array(LocalDateTime[].class, number, arguments);
    }

    /** A value of this kind. */
    public static @Nullable LocalDate date(int number, Value... arguments) {
        return call(LocalDate.class, number, arguments);
    }

    /** An array of values of this kind. */
    public static LocalDate @Nullable [] dateArray(int number, Value... arguments) {
        return array(LocalDate[].class, number, arguments);
    }

    /** A value of this kind. */
    public static @Nullable LocalTime time(int number, Value... arguments) {
        return call(LocalTime.class, number, arguments);
    }

    /** An array of values of this kind. */
    public static LocalTime @Nullable [] timeArray(int number, Value... arguments) {
        return array(LocalTime[].class, number, arguments);
    }

    /** A value of this kind. */
    public static @Nullable Long interval(int number, Value... arguments) {
        return call(Long.class, number, arguments);
    }

    /** An array of values of this kind. */
    public static Long @Nullable [] intervalArray(int number, Value... arguments) {
        return array(Long[].class, number, arguments);
    }

    /** A value of this kind. */
    public static @Nullable BigDecimal lsn(int number, Value... arguments) {
        return call(BigDecimal.class, number, arguments);
    }

    /** An array of values of this kind. */
    public static BigDecimal @Nullable [] lsnArray(int number, Value... arguments) {
        return array(BigDecimal[].class, number, arguments);
    }
}
