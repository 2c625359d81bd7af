package io.walrelay.proxy.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.wire.message.BackendMessage.CommandComplete;
import io.walrelay.wire.message.Column;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ServerDialectTest {
    @ParameterizedTest(name = "PostgreSQL {0}")
    @CsvSource({
        "10, 23, 17, 0, SELECT, 2, true, max_wal_senders",
        "11, 23, 17, 0, SELECT, 2, true, max_wal_senders",
        "12, 23, 17, 0, SELECT, 2, true, max_wal_senders",
        "13, 23, 17, 0, SHOW, 1, true, max_wal_senders",
        "14, 23, 25, 0, SHOW, 1, true, max_wal_senders",
        "15, 23, 25, 0, SHOW, 1, false, max_wal_senders",
        "16, 20, 25, -1, SHOW, 1, false, max_wal_senders",
        "17, 20, 25, -1, SHOW, 1, false, '\"max_wal_senders\"'",
        "18, 20, 25, -1, SHOW, 1, false, '\"max_wal_senders\"'"
    })
    void answersAreThoseOfTheMajorVersion(
            int major,
            int timelineType,
            int contentType,
            int contentModifier,
            String tag,
            int dropTags,
            boolean mustIdentify,
            String settingName) {
        ServerDialect dialect = new ServerDialect(major);

        assertThat(dialect.identifySystem().columns())
                .extracting(Column::typeOid)
                .containsExactly(25, timelineType, 25, 25);
        assertThat(dialect.timelineHistory().columns())
                .extracting(Column::typeOid)
                .containsExactly(25, contentType);
        assertThat(dialect.timelineHistory().columns())
                .extracting(Column::typeModifier)
                .containsOnly(contentModifier);
        assertThat(dialect.complete("SHOW")).isEqualTo(new CommandComplete(tag));
        assertThat(dialect.dropSlotComplete())
                .startsWith(new CommandComplete("DROP_REPLICATION_SLOT"))
                .hasSize(dropTags);
        assertThat(dialect.mustIdentifyBeforeStart()).isEqualTo(mustIdentify);
        assertThat(dialect.settingName("max_wal_senders")).isEqualTo(settingName);
    }
}
