package io.walrelay.it.support;

import io.walrelay.proxy.embedded.PostgresCluster;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;

/**
 * Tests each of which has a primary of its own, with the table of {@link Rows}. All servers are gone at a test's end.
 */
public abstract class PrimaryTest {
    @SuppressWarnings("NullAway.Init") // by startPrimary, before each test
    protected Clusters clusters;

    @SuppressWarnings("NullAway.Init") // by startPrimary, before each test
    protected PostgresCluster primary;

    /** Starts the primary, as {@link Clusters#primary} does: what the class's own set-up begins with. */
    protected final void startPrimary(int major, Map<String, String> settings, String... initdbOptions)
            throws IOException, SQLException {
        clusters = Clusters.of(major);
        primary = clusters.primary(settings, initdbOptions);
        Rows.createTable(primary);
    }

    @AfterEach
    final void closeClusters() throws IOException {
        clusters.close();
    }
}
