package io.walrelay.it.support;

import static org.awaitility.Awaitility.await;

import java.io.Closeable;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.Duration;
import java.util.Objects;
import java.util.StringJoiner;

/** An ordinary connection by pgjdbc, to a relay's console or a server. */
public final class ConsoleConnection implements Closeable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Connection connection;
    private final StringJoiner warnings = new StringJoiner("\n");

    private ConsoleConnection(Connection connection) {
        this.connection = connection;
    }

    /** A connection of postgres, once the relay knows whose WAL it serves. */
    public static ConsoleConnection to(int port) {
        return to(port, "postgres");
    }

    /** A connection of {@code user}. */
    public static ConsoleConnection to(int port, String user) {
        return new ConsoleConnection(await("the relay to know whose WAL it serves")
                .atMost(PATIENCE)
                .ignoreExceptionsMatching(e -> String.valueOf(e.getMessage()).contains("starting up"))
                .until(
                        () -> DriverManager.getConnection(
                                "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=" + user),
                        Objects::nonNull));
    }

    /** JDBC's view of it. */
    public Connection jdbc() {
        return connection;
    }

    /** The rows of a query as psql -A -t shows them. */
    public String ask(String sql) throws SQLException {
        StringJoiner rows = new StringJoiner("\n");
        try (Statement statement = connection.createStatement()) {
            boolean more = statement.execute(sql);
            for (SQLWarning next = statement.getWarnings(); next != null; next = next.getNextWarning()) {
                warnings.add(next.getMessage());
            }
            if (more) {
                try (ResultSet result = statement.getResultSet()) {
                    while (result.next()) {
                        StringJoiner row = new StringJoiner("|");
                        for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                            row.add(Objects.requireNonNullElse(result.getString(i), ""));
                        }
                        rows.add(row.toString());
                    }
                }
            }
        }
        return rows.toString();
    }

    /** All that came beside results. */
    public String warnings() {
        return warnings.toString();
    }

    @Override
    public void close() throws IOException {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }
}
