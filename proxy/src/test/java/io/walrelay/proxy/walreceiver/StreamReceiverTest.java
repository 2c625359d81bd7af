package io.walrelay.proxy.walreceiver;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.embedded.EmbeddedChannel;
import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.storage.LocalStorage;
import io.walrelay.proxy.wal.WalStore;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StreamReceiverTest {
    @TempDir
    private Path directory;

    private Supplier<Configuration> configuration = SampleCluster::configuration;

    @Test
    void aDefectInLookingAtTheClockIsHeardOf() throws Exception {
        // Given
        try (WalStore store = SampleCluster.store(new LocalStorage(), directory)) {
            EmbeddedChannel channel = new EmbeddedChannel();
            channel.freezeTime();
            StreamReceiver receiver = new StreamReceiver(
                    channel,
                    store,
                    store.end().written(),
                    StandbySource.OWN,
                    () -> configuration.get(),
                    Clock.systemUTC(),
                    new NoEnd());
            receiver.begin();
            configuration = () -> {
                throw new IllegalStateException("defect");
            };

            // When
            channel.advanceTimeBy(2, TimeUnit.SECONDS);
            channel.runScheduledPendingTasks();

            // Then
            assertThatThrownBy(channel::checkException).hasMessage("defect");
            channel.releaseOutbound();
        }
    }
}
