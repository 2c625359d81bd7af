package io.walrelay.it.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.postgresql.util.PGInterval;

/** How late a standby is, as {@code pg_stat_replication} of what it follows shows it; empty is NULL. */
public record StandbyLag(
        Optional<Duration> write, Optional<Duration> flush, Optional<Duration> replay, Instant replyTime) {
    /** As a relay's console or a server shows it of the standby with this application_name, which must be there. */
    public static StandbyLag of(ConsoleConnection shown, String applicationName) throws SQLException {
        try (PreparedStatement query = shown.jdbc()
                .prepareStatement("SELECT write_lag, flush_lag, replay_lag, reply_time FROM pg_stat_replication"
                        + " WHERE application_name = ?")) {
            query.setString(1, applicationName);
            try (ResultSet row = query.executeQuery()) {
                assertThat(row.next()).as(applicationName + " is shown").isTrue();
                return new StandbyLag(
                        interval(row, 1),
                        interval(row, 2),
                        interval(row, 3),
                        row.getTimestamp(4).toInstant());
            }
        }
    }

    /** Whether nothing is shown, as of a standby that has everything and has nothing to do. */
    public boolean isNothing() {
        return write.isEmpty() && flush.isEmpty() && replay.isEmpty();
    }

    private static Optional<Duration> interval(ResultSet row, int column) throws SQLException {
        String text = row.getString(column);
        if (text == null) {
            return Optional.empty();
        }
        PGInterval lag = new PGInterval(text);
        return Optional.of(Duration.ofMinutes(lag.getHours() * 60L + lag.getMinutes())
                .plusSeconds(lag.getWholeSeconds())
                .plusNanos(lag.getMicroSeconds() * 1000L));
    }
}
