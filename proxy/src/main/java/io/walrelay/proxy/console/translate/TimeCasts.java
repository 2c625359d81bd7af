package io.walrelay.proxy.console.translate;

import io.walrelay.proxy.console.function.Body;
import io.walrelay.proxy.console.type.PgType;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Casts among dates and times; those with a zone go by the session's TimeZone. */
final class TimeCasts {
    private static final Map<String, Body> CASTS = Map.ofEntries(
            Map.entry(
                    "timestamptz timestamp",
                    (c, a) -> time(a).atZoneSameInstant(c.zone()).toLocalDateTime()),
            Map.entry(
                    "timestamptz date",
                    (c, a) -> time(a).atZoneSameInstant(c.zone()).toLocalDate()),
            Map.entry(
                    "timestamptz time",
                    (c, a) -> time(a).atZoneSameInstant(c.zone()).toLocalTime()),
            Map.entry(
                    "timestamp timestamptz",
                    (c, a) -> ((LocalDateTime) of(a)).atZone(c.zone()).toOffsetDateTime()),
            Map.entry("timestamp date", (c, a) -> ((LocalDateTime) of(a)).toLocalDate()),
            Map.entry("timestamp time", (c, a) -> ((LocalDateTime) of(a)).toLocalTime()),
            Map.entry("date timestamp", (c, a) -> ((LocalDate) of(a)).atStartOfDay()),
            Map.entry(
                    "date timestamptz",
                    (c, a) -> ((LocalDate) of(a)).atStartOfDay(c.zone()).toOffsetDateTime()),
            Map.entry("time interval", (c, a) -> Duration.ofNanos(((LocalTime) of(a)).toNanoOfDay())));

    private TimeCasts() {}

    private static Object of(@Nullable Object[] arguments) {
        return Objects.requireNonNull(arguments[0]);
    }

    private static OffsetDateTime time(@Nullable Object[] arguments) {
        return (OffsetDateTime) of(arguments);
    }

    static @Nullable Body find(PgType from, PgType to) {
        return CASTS.get(from.name() + " " + to.name());
    }
}
