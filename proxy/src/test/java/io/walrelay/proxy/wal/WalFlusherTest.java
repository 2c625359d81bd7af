package io.walrelay.proxy.wal;

import static io.walrelay.proxy.fixture.SampleCluster.FIRST;
import static io.walrelay.proxy.fixture.SampleCluster.SEGMENT;
import static io.walrelay.proxy.fixture.SampleCluster.START;
import static io.walrelay.proxy.fixture.SampleCluster.receive;
import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.fixture.WatchedStorage;
import io.walrelay.replication.timeline.TimelineHistory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WalFlusherTest {
    private static final Duration BRIEF = Duration.ofMillis(1);
    private static final int LITTLE = 100;

    @TempDir
    private Path directory;

    private final WatchedStorage storage = new WatchedStorage();
    private final Queue<Runnable> thread = new ConcurrentLinkedQueue<>();
    private final AtomicLong nanoTime = new AtomicLong();
    private WalStore store;

    @BeforeEach
    void create() throws IOException {
        WalOpener opener = new WalOpener(
                storage,
                directory,
                false,
                thread::add,
                failure -> {
                    throw new AssertionError(failure);
                },
                nanoTime::get,
                BRIEF);
        store = opener.create(SampleCluster.control(FIRST), TimelineHistory.first(), START);
        receive(store, new byte[LITTLE]);
    }

    @AfterEach
    void close() {
        storage.repair();
        store.close();
    }

    private void flushOnThread() {
        thread.remove().run();
    }

    private void flushesTake(Duration time) {
        storage.before(operation -> {
            if (operation.startsWith("sync 0000")) {
                nanoTime.addAndGet(time.toNanos());
            }
        });
    }

    private boolean isFlushed() {
        return store.end().flushed().equals(store.end().written());
    }

    @Test
    void littleIsFlushedByWhoWroteItBehindTheWakingOfTheSenders() throws IOException {
        // Given
        store.onWritten(() -> storage.note("written"));
        store.onFlushed(() -> storage.note("flushed"));
        storage.forget();

        // When
        receive(store, new byte[LITTLE]);

        // Then
        assertThat(isFlushed()).isTrue();
        assertThat(thread).isEmpty();
        assertThat(storage.operations())
                .containsExactly(
                        "write 0000000100000001000007FF.partial",
                        "written",
                        "sync 0000000100000001000007FF.partial",
                        "flushed");
    }

    @Test
    void muchIsLeftToTheThread() throws IOException {
        // When
        receive(store, new byte[200 << 10]);

        // Then
        assertThat(isFlushed()).isFalse();
        flushOnThread();
        assertThat(isFlushed()).isTrue();
    }

    @Test
    void aSegmentThatIsFullIsLeftToTheThread() throws IOException {
        // Given
        int room = SEGMENT - LITTLE;

        // When
        receive(store, new byte[room]);

        // Then
        assertThat(isFlushed()).isFalse();
        flushOnThread();
        assertThat(isFlushed()).isTrue();
    }

    @Test
    void aDiskThatHasBecomeSlowIsLeftToTheThreadUntilItIsQuickAgain() throws IOException {
        // Given
        flushesTake(Duration.ofMillis(20));
        receive(store, new byte[LITTLE]);
        assertThat(isFlushed()).isTrue();

        // When
        receive(store, new byte[LITTLE]);

        // Then
        assertThat(isFlushed()).isFalse();
        flushesTake(Duration.ZERO);
        int rounds = 0;
        while (!thread.isEmpty()) {
            flushOnThread();
            receive(store, new byte[LITTLE]);
            rounds++;
        }
        assertThat(isFlushed()).isTrue();
        assertThat(rounds).isBetween(2, 30);
    }

    @Test
    void whatComesWhileTheThreadFlushesGathersForItsNextRound() throws Exception {
        // Given
        receive(store, new byte[200 << 10]);
        CountDownLatch syncing = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        storage.before(operation -> {
            syncing.countDown();
            try {
                goOn.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        });
        Thread flusher = Thread.ofPlatform().start(this::flushOnThread);
        syncing.await();
        storage.repair();

        // When
        receive(store, new byte[LITTLE]);
        receive(store, new byte[LITTLE]);

        // Then
        assertThat(isFlushed()).isFalse();
        goOn.countDown();
        flusher.join();
        assertThat(thread).hasSize(1);
        flushOnThread();
        assertThat(isFlushed()).isTrue();
    }
}
