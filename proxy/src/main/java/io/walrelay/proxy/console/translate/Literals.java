package io.walrelay.proxy.console.translate;

import io.walrelay.proxy.console.type.PgType;
import io.walrelay.replication.Lsn;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Values as literals of the engine. */
final class Literals {
    private Literals() {}

    /** A string; a quote is doubled, nothing else is special. */
    static String text(String text) {
        return "CAST('" + text.replace("'", "''") + "' AS VARCHAR)";
    }

    /** A value of this type. */
    static String of(@Nullable Object value, PgType type) {
        if (value == null) {
            return "CAST(NULL AS " + type.sql() + ")";
        }
        return switch (value) {
            case Boolean truth -> truth ? "TRUE" : "FALSE";
            case String text -> text(text);
            case BigDecimal number -> "(" + number.toPlainString() + ")";
            case Lsn lsn -> "CAST(" + Long.toUnsignedString(lsn.value()) + " AS NUMERIC(20))";
            case Duration interval ->
                "CAST(" + (interval.getSeconds() * 1_000_000L + interval.getNano() / 1000) + " AS BIGINT)";
            case byte[] bytes -> "CAST(X'" + HexFormat.of().formatHex(bytes) + "' AS VARBINARY)";
            case OffsetDateTime time -> "CAST('" + time.toString().replace('T', ' ') + "' AS " + type.sql() + ")";
            case Number number -> "CAST(" + quoted(number) + " AS " + type.sql() + ")";
            case List<?> list -> array(list, type);
            default -> "CAST('" + value.toString().replace('T', ' ') + "' AS " + type.sql() + ")";
        };
    }

    /** In quotes: a real number may be NaN or infinite. */
    private static String quoted(Number number) {
        return "'" + number + "'";
    }

    private static String array(List<?> list, PgType type) {
        StringBuilder sql = new StringBuilder("CAST(ARRAY[");
        for (Object element : list) {
            sql.append(sql.charAt(sql.length() - 1) == '[' ? "" : ", ")
                    .append(of(element, type.element().orElseThrow()));
        }
        return sql.append("] AS ").append(type.sql()).append(')').toString();
    }
}
