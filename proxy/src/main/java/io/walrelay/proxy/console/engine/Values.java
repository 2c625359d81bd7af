package io.walrelay.proxy.console.engine;

import io.walrelay.proxy.console.type.PgType;
import io.walrelay.proxy.console.type.Storage;
import io.walrelay.replication.Lsn;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.h2.util.JSR310Utils;
import org.h2.value.Value;
import org.h2.value.ValueArray;
import org.jspecify.annotations.Nullable;

/** Values on their way into the engine and out of it. */
final class Values {
    private Values() {}

    /** For a parameter or the result of a routine. */
    static @Nullable Object toEngine(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case Lsn lsn -> new BigDecimal(new BigInteger(Long.toUnsignedString(lsn.value())));
            case Duration interval -> interval.getSeconds() * 1_000_000L + interval.getNano() / 1000;
            case Instant instant -> instant.truncatedTo(ChronoUnit.MICROS).atOffset(ZoneOffset.UTC);
            case List<?> list -> {
                Object[] elements = new Object[list.size()];
                for (int i = 0; i < elements.length; i++) {
                    elements[i] = toEngine(list.get(i));
                }
                yield elements;
            }
            default -> value;
        };
    }

    /** An argument of a routine. */
    static @Nullable Object fromEngine(Value value, PgType type) {
        if (value.getValueType() == Value.NULL) {
            return null;
        }
        return switch (type.storage()) {
            case BOOLEAN -> value.getBoolean();
            case INT2 -> (short) value.getInt();
            case INT4 -> value.getInt();
            case INT8 -> value.getLong();
            case FLOAT4 -> value.getFloat();
            case FLOAT8 -> value.getDouble();
            case NUMERIC -> value.getBigDecimal();
            case TEXT -> value.getString();
            case BYTES -> value.getBytes();
            case LSN -> new Lsn(value.getBigDecimal().toBigInteger().longValue());
            case INTERVAL -> micros(value.getLong());
            case TIMESTAMPTZ -> JSR310Utils.valueToOffsetDateTime(value, null);
            case TIMESTAMP -> JSR310Utils.valueToLocalDateTime(value, null);
            case DATE -> JSR310Utils.valueToLocalDate(value, null);
            case TIME -> JSR310Utils.valueToLocalTime(value, null);
            case ARRAY -> list((ValueArray) value, type.element().orElseThrow());
        };
    }

    private static Duration micros(long micros) {
        return Duration.ofSeconds(Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1000);
    }

    private static List<@Nullable Object> list(ValueArray array, PgType element) {
        List<@Nullable Object> list = new ArrayList<>();
        for (Value value : array.getList()) {
            list.add(fromEngine(value, element));
        }
        return list;
    }

    /** A column of a result. */
    static @Nullable Object read(ResultSet rows, int column, PgType type) throws SQLException {
        Object value = switch (type.storage()) {
            case TIMESTAMPTZ -> rows.getObject(column, OffsetDateTime.class);
            case TIMESTAMP -> rows.getObject(column, LocalDateTime.class);
            case DATE -> rows.getObject(column, LocalDate.class);
            case TIME -> rows.getObject(column, LocalTime.class);
            case BOOLEAN -> rows.getBoolean(column);
            case INT2 -> rows.getShort(column);
            case INT4 -> rows.getInt(column);
            case INT8 -> rows.getLong(column);
            case FLOAT4 -> rows.getFloat(column);
            case FLOAT8 -> rows.getDouble(column);
            case NUMERIC, LSN -> rows.getBigDecimal(column);
            case INTERVAL -> micros(rows.getLong(column));
            case TEXT -> rows.getString(column);
            case BYTES -> rows.getBytes(column);
            case ARRAY -> rows.getArray(column);
        };
        if (rows.wasNull() || value == null) {
            return null;
        }
        if (value instanceof Array array) {
            return elements((Object[]) array.getArray(), type.element().orElseThrow());
        }
        return fromJdbc(value, type);
    }

    private static List<@Nullable Object> elements(@Nullable Object[] array, PgType type) {
        List<@Nullable Object> list = new ArrayList<>();
        for (Object element : array) {
            list.add(element == null ? null : fromJdbc(element, type));
        }
        return list;
    }

    private static Object fromJdbc(Object value, PgType type) {
        if (value instanceof BigDecimal number) {
            if (type.storage() == Storage.LSN) {
                return new Lsn(number.toBigInteger().longValue());
            }
            return number.scale() < 0 ? number.setScale(0) : number;
        }
        if (type.storage() == Storage.INT2 && value instanceof Number number) {
            return number.shortValue();
        }
        if (type.storage() == Storage.INTERVAL && value instanceof Long micros) {
            return micros(micros);
        }
        return value;
    }
}
