package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.it.support.Clusters;
import io.walrelay.it.support.ConsoleConnection;
import io.walrelay.it.support.Relays;
import io.walrelay.proxy.embedded.PostgresCluster;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All of pgjdbc's DatabaseMetaData, asked of the relay and of the server that it stands in for. */
class MetadataIT {
    /** What says where or as whom one is connected. */
    private static final String ELSEWHERE = "getURL|getUserName|getConnection|isReadOnly";

    @ParameterizedTest(name = "PostgreSQL {0}")
    @ValueSource(ints = {10, 15, 18})
    void everyMethodAnswersAndHasTheSameColumns(int major) throws Exception {
        try (Clusters clusters = Clusters.of(major)) {
            PostgresCluster primary = clusters.primary(Map.of());
            int relay = Relays.inProcess(clusters, primary.conninfo(), Map.of()).port();
            try (ConsoleConnection server = ConsoleConnection.to(primary.port());
                    ConsoleConnection console = ConsoleConnection.to(relay)) {
                // When
                Map<String, String> expected = answers(server.jdbc());
                Map<String, String> actual = answers(console.jdbc());

                // Then
                assertThat(actual).isEqualTo(expected);
                assertThat(actual).hasSizeGreaterThan(150);
            }
        }
    }

    private static Map<String, String> answers(Connection connection) throws SQLException {
        DatabaseMetaData metadata = connection.getMetaData();
        Map<String, String> answers = new LinkedHashMap<>();
        Method[] methods = DatabaseMetaData.class.getMethods();
        Arrays.sort(methods, Comparator.comparing(Method::toString));
        for (Method method : methods) {
            if (!method.getName().matches(ELSEWHERE) && method.getDeclaringClass() == DatabaseMetaData.class) {
                answers.put(method.toString(), answer(metadata, method));
            }
        }
        return answers;
    }

    private static String answer(DatabaseMetaData metadata, Method method) throws SQLException {
        @Nullable Object[] arguments = new Object[method.getParameterCount()];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = argument(method, i);
        }
        try {
            Object answer = method.invoke(metadata, arguments);
            return answer instanceof ResultSet rows ? columns(rows) : String.valueOf(answer);
        } catch (InvocationTargetException e) {
            return e.getCause() instanceof SQLException refused
                    ? "SQLSTATE " + refused.getSQLState() + " " + refused.getMessage()
                    : String.valueOf(e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A table that both have, and patterns. */
    private static @Nullable Object argument(Method method, int at) {
        Class<?> type = method.getParameterTypes()[at];
        if (type == int.class) {
            return 1;
        }
        if (type == boolean.class) {
            return false;
        }
        if (type != String.class) {
            return null;
        }
        return switch (at) {
            case 0 -> null;
            case 1 -> "pg_catalog";
            case 2 -> "pg_class";
            default -> "%";
        };
    }

    private static String columns(ResultSet rows) throws SQLException {
        StringJoiner columns = new StringJoiner(", ");
        ResultSetMetaData metadata = rows.getMetaData();
        for (int i = 1; i <= metadata.getColumnCount(); i++) {
            columns.add(metadata.getColumnName(i) + " " + metadata.getColumnTypeName(i));
        }
        while (rows.next()) {
            // To its end: a statement may fail late.
            rows.getObject(1);
        }
        rows.close();
        return columns.toString();
    }
}
