package io.walrelay.proxy.wal;

import static io.walrelay.proxy.fixture.SampleCluster.FIRST;
import static io.walrelay.proxy.fixture.SampleCluster.SEGMENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.proxy.fixture.WatchedStorage;
import io.walrelay.proxy.wal.WarmWal.Stretch;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.WalSegmentSize;
import io.walrelay.replication.wal.WalBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A segment of one stretch; who asks for it, and who is told. */
final class WarmWalTest {
    private static final WalFileName FILE = new WalFileName(FIRST, 1);
    private static final Stretch STRETCH = new Stretch(FILE, 0);

    @TempDir
    private Path directory;

    private final WatchedStorage storage = new WatchedStorage();
    private final AtomicLong now = new AtomicLong();
    private final Deque<Runnable> readers = new ArrayDeque<>();
    private final AtomicInteger told = new AtomicInteger();

    @SuppressWarnings("NullAway.Init") // before each test
    private WarmWal warm;

    @BeforeEach
    void segment() throws IOException {
        Files.write(directory.resolve(FILE.format(WalBuilder.SEGMENT)), new byte[SEGMENT]);
        warm = of(WalBuilder.SEGMENT);
        warm.readOn(readers::add);
        warm.onLoaded(told::incrementAndGet);
    }

    private WarmWal of(WalSegmentSize size) {
        return new WarmWal(new WalDirectory(storage, directory, size), now::get);
    }

    private List<String> loads() {
        return storage.operations(operation -> operation.startsWith("load"));
    }

    @Test
    void aStretchIsLoadedOnceHoweverManyWaitForItAndTheyAreToldOnce() {
        // When
        assertThat(warm.isLoaded(STRETCH)).isFalse();
        assertThat(warm.isLoaded(STRETCH)).isFalse();

        // Then
        assertThat(readers).hasSize(1);
        readers.remove().run();
        assertThat(loads()).containsExactly("load 000000010000000000000001 from 0");
        assertThat(told).hasValue(1);
        assertThat(warm.isLoaded(STRETCH)).isTrue();
        assertThat(readers).isEmpty();
    }

    @Test
    void nobodyIsWokenForWhatIsLoadedAhead() {
        // When
        warm.loadAhead(STRETCH);
        warm.loadAhead(STRETCH);
        readers.remove().run();

        // Then
        assertThat(readers).isEmpty();
        assertThat(told).hasValue(0);
        assertThat(warm.isLoaded(STRETCH)).isTrue();
    }

    @Test
    void whoComesToItWhileItIsLoadedAheadWaitsAndIsTold() {
        // Given
        warm.loadAhead(STRETCH);

        // When
        assertThat(warm.isLoaded(STRETCH)).isFalse();
        warm.loadAhead(STRETCH);
        readers.remove().run();

        // Then
        assertThat(readers).isEmpty();
        assertThat(told).hasValue(1);
    }

    @Test
    void whatWasLoadedTenSecondsAgoIsLoadedAgainWhenItIsAskedFor() {
        // Given
        warm.loadAhead(STRETCH);
        readers.remove().run();

        // When
        now.addAndGet(Duration.ofSeconds(10).toNanos() - 1);
        assertThat(warm.isLoaded(STRETCH)).isTrue();
        warm.forgetCold();
        assertThat(warm.isLoaded(STRETCH)).isTrue();
        now.incrementAndGet();

        // Then
        assertThat(warm.isLoaded(STRETCH)).isFalse();
        assertThat(readers).hasSize(1);
        warm.forgetCold();
        readers.remove().run();
        assertThat(told).hasValue(1);
        assertThat(warm.isLoaded(STRETCH)).isTrue();
    }

    @Test
    void whoWaitsGoesOnAndIsToldByHisOwnReadWhereTheDiskCannotRead() {
        // Given
        storage.fail("load", "Input/output error");

        // When
        warm.isLoaded(STRETCH);
        readers.remove().run();

        // Then
        assertThat(told).hasValue(1);
        assertThat(warm.isLoaded(STRETCH)).isTrue();
    }

    @Test
    void whatACheckHasReadIsInMemory() {
        // When
        warm.read(FILE, SEGMENT / 2);
        assertThat(warm.isLoaded(new Stretch(FILE, 0))).isFalse();
        warm.read(FILE, SEGMENT);

        // Then: but who waits already is told when it has been loaded, as always
        assertThat(warm.isLoaded(STRETCH)).isFalse();
        readers.remove().run();
        assertThat(told).hasValue(1);

        // When
        warm.read(new WalFileName(FIRST, 2), SEGMENT);

        // Then
        assertThat(warm.isLoaded(new Stretch(new WalFileName(FIRST, 2), 0))).isTrue();
        assertThat(readers).isEmpty();
    }

    @Test
    void aLargeSegmentIsLoadedFourMegabytesAtATime() {
        // Given
        WarmWal large = of(new WalSegmentSize(1 << 30));

        // When
        large.isLoaded(new Stretch(FILE, 255));

        // Then
        assertThat(large.length()).isEqualTo(4 << 20);
        assertThat(loads()).containsExactly("load 000000010000000000000001 from " + (255L << 22));
    }
}
