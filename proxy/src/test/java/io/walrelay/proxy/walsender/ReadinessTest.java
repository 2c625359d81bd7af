package io.walrelay.proxy.walsender;

import static io.walrelay.proxy.fixture.SampleCluster.SEGMENT;
import static io.walrelay.proxy.fixture.SampleCluster.START;
import static io.walrelay.proxy.fixture.SampleCluster.awaitFlushed;
import static io.walrelay.proxy.fixture.SampleCluster.receive;
import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.proxy.fixture.PageCache;
import io.walrelay.replication.Lsn;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A sender of WAL that may not be in memory, and is not checked ({@code wal_verify = off}); a stretch is a segment
 * here.
 */
final class ReadinessTest extends SenderTest {
    private static final int LONG_AGO = 20;

    private final Deque<Runnable> readers = new ArrayDeque<>();

    @BeforeEach
    void readers() {
        store().readOn(readers::add);
    }

    private void stored(int segments) throws Exception {
        receive(store(), bytes(segments * SEGMENT));
        awaitFlushed(store(), segment(segments));
    }

    private void read() {
        readers.remove().run();
    }

    private static String name(int index) {
        return "0000000100000001%08X".formatted(0x7FF + index);
    }

    private Path file(int index) {
        return directory.resolve("pg_wal").resolve(name(index));
    }

    private List<String> loads() {
        return storage.operations(operation -> operation.startsWith("load"));
    }

    private static String load(int index) {
        return "load " + name(index) + " from 0";
    }

    private static Lsn segment(int index) {
        return START.plus((long) index * SEGMENT);
    }

    /** Has the socket take what is written to it; tells how far the client has it then. */
    private Lsn take() {
        return wal(sent()).getLast().end();
    }

    @Test
    void aColdSegmentIsInMemoryBeforeTheLoopReadsOfIt() throws Exception {
        // Given
        stored(3);
        PageCache.drop(file(0));
        PageCache.drop(file(1));

        // When
        WalSender sender = begun(START);

        // Then
        assertThat(sender.sent()).isEqualTo(START);
        assertThat(PageCache.isLoaded(file(0), 0, SEGMENT)).isFalse();
        read();
        assertThat(sender.sent()).isEqualTo(START);
        assertThat(PageCache.isLoaded(file(0), 0, SEGMENT)).isTrue();
        assertThat(take()).isEqualTo(segment(1));
        assertThat(PageCache.isLoaded(file(1), 0, SEGMENT)).isFalse();
        read();
        assertThat(sender.sent()).isEqualTo(segment(1));
        assertThat(PageCache.isLoaded(file(1), 0, SEGMENT)).isTrue();
        assertThat(take()).isEqualTo(segment(2));
    }

    @Test
    void theNextStretchIsLoadedWhileOneIsSentSoThatTheSenderNeedNotWait() throws Exception {
        // Given
        stored(4);
        wakesSenders = false;
        WalSender sender = begun(START);

        // When: the socket has taken a part of the first
        read();
        assertThat(take()).isLessThan(segment(1));
        read();
        while (sender.sent().isBefore(segment(2))) {
            sender.send();
            assertThat(wal(sent())).isNotEmpty();
            if (sender.sent().isAfter(segment(1)) && !readers.isEmpty()) {
                read();
            }
        }

        // Then
        assertThat(loads()).startsWith(load(0), load(1), load(2));
    }

    @Test
    void noMoreThanTheNextStretchIsLoadedForAClientThatTakesNothing() throws Exception {
        // Given
        stored(4);
        WalSender sender = begun(START);
        gate.shut = true;

        // When
        read();
        channel.runPendingTasks();
        while (!readers.isEmpty()) {
            read();
            channel.runPendingTasks();
            sender.send();
        }

        // Then
        assertThat(sender.sent()).isGreaterThan(START).isLessThan(segment(1));
        assertThat(loads()).containsExactly(load(0), load(1));
    }

    @Test
    void sendersAtTheSamePlaceShareWhatIsLoaded() throws Exception {
        // Given
        stored(3);

        // When
        WalSender one = begun(START);
        WalSender other = begun(START);
        while (!readers.isEmpty()) {
            read();
            assertThat(sent()).isNotEmpty();
        }

        // Then
        assertThat(one.sent()).isEqualTo(segment(3));
        assertThat(other.sent()).isEqualTo(segment(3));
        assertThat(loads()).containsExactly(load(0), load(1), load(2));
    }

    @Test
    void whoFollowsTheEndAsksForNothingEvenIfMuchComesAtOnce() throws Exception {
        // Given
        WalSender sender = begun(START);

        // When
        for (int i = 0; i < LONG_AGO; i += 5) {
            receive(store(), bytes(5 * SEGMENT + 100));
            assertThat(take()).isEqualTo(store().end().written());
        }

        // Then
        assertThat(sender.sent()).isEqualTo(store().end().written());
        assertThat(loads()).isEmpty();
        assertThat(readers).isEmpty();
    }

    @Test
    void whoFollowedTheEndLongAgoHasItLoaded() throws Exception {
        // Given
        WalSender sender = begun(START);
        assertThat(sender.state()).isEqualTo(new WalSenderState.Streaming());

        // When
        stored(LONG_AGO);

        // Then
        assertThat(take()).isEqualTo(segment(16));
        read();
        take();
        assertThat(loads()).containsExactly(load(16));
        assertThat(sender.sent()).isEqualTo(segment(17));
    }

    @Test
    void theStretchThatIsBeingReceivedIsNotWaitedFor() throws Exception {
        // Given
        receive(store(), bytes(SEGMENT + 300_000));

        // When
        WalSender sender = begun(segment(1));

        // Then
        assertThat(sender.sent()).isEqualTo(store().end().written());
        assertThat(loads()).isEmpty();
        assertThat(readers).isEmpty();
    }
}
