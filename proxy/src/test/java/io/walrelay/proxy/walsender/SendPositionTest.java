package io.walrelay.proxy.walsender;

import static io.walrelay.proxy.fixture.SampleCluster.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.proxy.config.WalSendAfter;
import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.storage.LocalStorage;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.timeline.TimelineHistory;
import io.walrelay.replication.wal.WalBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SendPositionTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path directory;

    private final WalBuilder wal = SampleCluster.wal();

    @SuppressWarnings("NullAway.Init") // before each test
    private WalStore store;

    @BeforeEach
    void open() throws IOException {
        store = SampleCluster.opener(new LocalStorage(), directory, true)
                .create(SampleCluster.control(TimelineId.FIRST), TimelineHistory.first(), START);
        wal.record(100);
        receive(wal.lsn());
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void senderIsToldWhatWasTakenBackWhenLaterWalWasTakenBackToo() throws IOException {
        // Given
        Lsn record = wal.record(5000);
        receive(record.plus(3000));
        SendPosition position = position();
        Lsn sent = store.end().written();

        // When
        store.refetch();
        Lsn next = wal.record(5000);
        receive(next.plus(3000));
        store.refetch();

        // Then
        assertThat(store.end().base()).isGreaterThan(sent);
        assertThat(position.isReplacedBefore(sent.value())).isTrue();
    }

    @Test
    void senderGoesOnWhenItHadNotSentWhatWasTakenBack() throws IOException {
        // Given
        Lsn record = wal.record(5000);
        receive(record.plus(3000));
        SendPosition position = position();

        // When
        store.refetch();

        // Then
        assertThat(position.isReplacedBefore(record.value())).isFalse();

        // And when it has sent what came in its place
        receive(wal.lsn());

        // Then
        assertThat(position.isReplacedBefore(wal.lsn().value())).isFalse();
    }

    private SendPosition position() {
        return SendPosition.of(store, () -> WalSendAfter.WRITE, Optional.empty(), START);
    }

    /** Receives what is missing up to there. */
    private void receive(Lsn end) throws IOException {
        int from = (int) store.end().written().minus(START);
        SampleCluster.receive(store, Arrays.copyOfRange(wal.bytes(), from, (int) end.minus(START)));
    }
}
