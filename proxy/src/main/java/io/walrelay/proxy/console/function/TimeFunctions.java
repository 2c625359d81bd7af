package io.walrelay.proxy.console.function;

import static io.walrelay.proxy.console.function.Arguments.real;
import static io.walrelay.proxy.console.function.Arguments.text;
import static io.walrelay.proxy.console.function.Arguments.value;

import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.util.Locale;

/**
 * Dates and times.
 *
 * @see <a href="https://www.postgresql.org/docs/current/functions-datetime.html">Date/Time Functions and Operators</a>
 */
final class TimeFunctions {
    private TimeFunctions() {}

    static Functions all() {
        return new Functions("pg_catalog")
                .add("now() timestamptz", (c, a) -> SystemFunctions.utc(c.transactionStart()))
                .add("transaction_timestamp() timestamptz", (c, a) -> SystemFunctions.utc(c.transactionStart()))
                .add("current_timestamp() timestamptz", (c, a) -> SystemFunctions.utc(c.transactionStart()))
                .add("statement_timestamp() timestamptz", (c, a) -> SystemFunctions.utc(c.statementStart()))
                .add("clock_timestamp() timestamptz", (c, a) -> SystemFunctions.utc(Instant.now()))
                .add(
                        "localtimestamp() timestamp",
                        (c, a) -> SystemFunctions.utc(c.transactionStart())
                                .atZoneSameInstant(c.zone())
                                .toLocalDateTime())
                .add(
                        "current_date() date",
                        (c, a) -> SystemFunctions.utc(c.transactionStart())
                                .atZoneSameInstant(c.zone())
                                .toLocalDate())
                .add("timeofday() text", (c, a) -> Instant.now().toString())
                .add("to_timestamp(float8) timestamptz", (c, a) -> instant(real(a, 0)))
                .add("justify_hours(interval) interval", (c, a) -> value(Duration.class, a, 0))
                .add("justify_days(interval) interval", (c, a) -> value(Duration.class, a, 0))
                .add("justify_interval(interval) interval", (c, a) -> value(Duration.class, a, 0))
                .add(
                        "age(timestamptz, timestamptz) interval",
                        (c, a) ->
                                Duration.between(value(OffsetDateTime.class, a, 1), value(OffsetDateTime.class, a, 0)))
                .add(
                        "age(timestamptz) interval",
                        (c, a) -> Duration.between(
                                value(OffsetDateTime.class, a, 0),
                                SystemFunctions.utc(c.transactionStart())
                                        .atZoneSameInstant(c.zone())
                                        .truncatedTo(ChronoUnit.DAYS)
                                        .toOffsetDateTime()))
                .add(
                        "date_trunc(text, timestamptz) timestamptz",
                        (c, a) -> OffsetDateTime.of(
                                        truncated(
                                                text(a, 0),
                                                value(OffsetDateTime.class, a, 1)
                                                        .atZoneSameInstant(c.zone())
                                                        .toLocalDateTime()),
                                        ZoneOffset.UTC)
                                .toLocalDateTime()
                                .atZone(c.zone())
                                .toOffsetDateTime())
                .add(
                        "date_trunc(text, timestamp) timestamp",
                        (c, a) -> truncated(text(a, 0), value(LocalDateTime.class, a, 1)))
                .add(
                        "extract(text, timestamptz) numeric",
                        (c, a) -> field(
                                text(a, 0),
                                value(OffsetDateTime.class, a, 1)
                                        .atZoneSameInstant(c.zone())
                                        .toOffsetDateTime()))
                .add(
                        "extract(text, timestamp) numeric",
                        (c, a) -> field(
                                text(a, 0), value(LocalDateTime.class, a, 1).atOffset(ZoneOffset.UTC)))
                .add("extract(text, interval) numeric", (c, a) -> field(text(a, 0), value(Duration.class, a, 1)))
                .add(
                        "date_part(text, timestamptz) float8",
                        (c, a) -> field(
                                        text(a, 0),
                                        value(OffsetDateTime.class, a, 1)
                                                .atZoneSameInstant(c.zone())
                                                .toOffsetDateTime())
                                .doubleValue())
                .add(
                        "date_part(text, timestamp) float8",
                        (c, a) -> field(
                                        text(a, 0),
                                        value(LocalDateTime.class, a, 1).atOffset(ZoneOffset.UTC))
                                .doubleValue())
                .add(
                        "date_part(text, interval) float8",
                        (c, a) -> field(text(a, 0), value(Duration.class, a, 1)).doubleValue())
                .add(
                        "timezone(text, timestamptz) timestamp",
                        (c, a) -> value(OffsetDateTime.class, a, 1)
                                .atZoneSameInstant(zone(text(a, 0)))
                                .toLocalDateTime())
                .add(
                        "timezone(text, timestamp) timestamptz",
                        (c, a) -> value(LocalDateTime.class, a, 1)
                                .atZone(zone(text(a, 0)))
                                .toOffsetDateTime())
                .add(
                        "to_char(timestamptz, text) text",
                        (c, a) -> TimeFormat.write(
                                value(OffsetDateTime.class, a, 0).atZoneSameInstant(c.zone()), text(a, 1)))
                .add("pg_sleep(float8) void", (c, a) -> {
                    c.sleep(Duration.ofMillis((long) Math.min(1e12, Math.max(0, real(a, 0) * 1000))));
                    return "";
                });
    }

    private static ZoneId zone(String name) {
        try {
            return ZoneId.of(name);
        } catch (java.time.DateTimeException e) {
            throw PgException.error(SqlState.INVALID_PARAMETER_VALUE, "time zone \"" + name + "\" not recognized")
                    .withCause(e);
        }
    }

    private static OffsetDateTime instant(double seconds) {
        if (!(Math.abs(seconds) < 1e11)) {
            throw PgException.error(SqlState.of("22008"), "timestamp out of range: \"" + seconds + "\"");
        }
        long micros = Math.round(seconds * 1e6);
        return Instant.ofEpochSecond(Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1000)
                .atOffset(ZoneOffset.UTC);
    }

    private static LocalDateTime truncated(String unit, LocalDateTime time) {
        LocalDateTime day = time.truncatedTo(ChronoUnit.DAYS);
        return switch (unit.toLowerCase(Locale.ROOT)) {
            case "microseconds" -> time.truncatedTo(ChronoUnit.MICROS);
            case "milliseconds" -> time.truncatedTo(ChronoUnit.MILLIS);
            case "second" -> time.truncatedTo(ChronoUnit.SECONDS);
            case "minute" -> time.truncatedTo(ChronoUnit.MINUTES);
            case "hour" -> time.truncatedTo(ChronoUnit.HOURS);
            case "day" -> day;
            case "week" -> day.with(ChronoField.DAY_OF_WEEK, 1);
            case "month" -> day.withDayOfMonth(1);
            case "year" -> day.withDayOfYear(1);
            default -> throw unknownUnit(unit, "timestamp with time zone");
        };
    }

    private static PgException unknownUnit(String unit, String type) {
        return PgException.error(
                SqlState.INVALID_PARAMETER_VALUE, "unit \"" + unit + "\" not recognized for type " + type);
    }

    private static BigDecimal micros(long micros) {
        return BigDecimal.valueOf(micros, 6);
    }

    private static BigDecimal field(String unit, OffsetDateTime time) {
        return switch (unit.toLowerCase(Locale.ROOT)) {
            case "epoch" -> micros(time.toEpochSecond() * 1_000_000L + time.getNano() / 1000);
            case "second", "seconds" -> micros(time.getSecond() * 1_000_000L + time.getNano() / 1000);
            case "milliseconds" -> BigDecimal.valueOf(time.getSecond() * 1_000_000L + time.getNano() / 1000, 3);
            case "microseconds" -> BigDecimal.valueOf(time.getSecond() * 1_000_000L + time.getNano() / 1000);
            case "minute" -> BigDecimal.valueOf(time.getMinute());
            case "hour" -> BigDecimal.valueOf(time.getHour());
            case "day" -> BigDecimal.valueOf(time.getDayOfMonth());
            case "dow" -> BigDecimal.valueOf(time.getDayOfWeek().getValue() % 7);
            case "isodow" -> BigDecimal.valueOf(time.getDayOfWeek().getValue());
            case "doy" -> BigDecimal.valueOf(time.getDayOfYear());
            case "week" -> BigDecimal.valueOf(time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
            case "month" -> BigDecimal.valueOf(time.getMonthValue());
            case "quarter" -> BigDecimal.valueOf(time.get(IsoFields.QUARTER_OF_YEAR));
            case "year" -> BigDecimal.valueOf(time.getYear());
            default -> throw unknownUnit(unit, "timestamp with time zone");
        };
    }

    private static BigDecimal field(String unit, Duration interval) {
        long micros = interval.getSeconds() * 1_000_000L + interval.getNano() / 1000;
        return switch (unit.toLowerCase(Locale.ROOT)) {
            case "epoch" -> micros(micros);
            case "second", "seconds" -> micros(micros % 60_000_000L);
            case "minute" -> BigDecimal.valueOf(micros / 60_000_000L % 60);
            case "hour" -> BigDecimal.valueOf(micros / 3_600_000_000L % 24);
            case "day" -> BigDecimal.valueOf(micros / 86_400_000_000L);
            case "milliseconds" ->
                BigDecimal.valueOf(micros % 60_000_000L).divide(BigDecimal.valueOf(1000), 3, RoundingMode.UNNECESSARY);
            case "microseconds" -> BigDecimal.valueOf(micros % 60_000_000L);
            case "month", "year", "quarter" -> BigDecimal.ZERO;
            default -> throw unknownUnit(unit, "interval");
        };
    }
}
