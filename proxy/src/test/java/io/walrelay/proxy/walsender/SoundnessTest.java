package io.walrelay.proxy.walsender;

import static io.walrelay.proxy.fixture.SampleCluster.FIRST;
import static io.walrelay.proxy.fixture.SampleCluster.SEGMENT;
import static io.walrelay.proxy.fixture.SampleCluster.START;
import static io.walrelay.proxy.fixture.SampleCluster.awaitFlushed;
import static io.walrelay.proxy.fixture.SampleCluster.receive;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import io.walrelay.proxy.config.WalSendAfter;
import io.walrelay.proxy.fixture.Frame;
import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.fixture.WatchedStorage;
import io.walrelay.proxy.wal.SegmentReplacement;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.timeline.TimelineHistory;
import io.walrelay.replication.wal.WalBuilder;
import io.walrelay.wire.codec.BackendEncoder;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sender of WAL that was stored in an earlier life of the relay, and is damaged in its second segment. */
final class SoundnessTest {
    private static final int DAMAGED_AT = SEGMENT + SEGMENT / 2 + 1000;

    private static final SenderClient CLIENT = new SenderClient(
            1, "standby", "standby1", Optional.empty(), Optional.empty(), -1, Instant.EPOCH, Optional.empty());

    @TempDir
    private Path directory;

    private final WatchedStorage storage = new WatchedStorage();
    private final WalBuilder wal = SampleCluster.wal();
    private final EmbeddedChannel channel = new EmbeddedChannel(new BackendEncoder());
    private final Deque<Runnable> readers = new ArrayDeque<>();
    private final List<PgException> errors = new ArrayList<>();
    private final List<WalStore> opened = new ArrayList<>();
    private final WalFileName damaged = new WalFileName(FIRST, WalBuilder.SEGMENT.segmentNumber(START) + 1);
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();

    private final class Ends implements WalSender.End {
        @Override
        public void copyDone(Optional<SendPosition.Historic> next) {}

        @Override
        public void failed(PgException error) {
            errors.add(error);
        }

        @Override
        public void fatal(PgException error) {
            errors.add(error);
        }

        @Override
        public void closeSilently(String reason) {}

        @Override
        public void drained() {}
    }

    @BeforeEach
    void store() throws Exception {
        for (int i = 0; i < 35; i++) {
            wal.record(100_000);
        }
        try (WalStore first = SampleCluster.opener(storage, directory, true)
                .create(SampleCluster.control(FIRST), TimelineHistory.first(), START)) {
            receive(first, wal.bytes());
            awaitFlushed(first, wal.lsn());
        }
        byte[] bytes = Files.readAllBytes(file());
        bytes[DAMAGED_AT - SEGMENT] ^= 1;
        Files.write(file(), bytes);
        opened.add(SampleCluster.opener(storage, directory, true)
                .recover(SampleCluster.control(FIRST))
                .orElseThrow());
        wal().integrity().readOn(readers::add);
        channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(8 << 20, 16 << 20));
    }

    @AfterEach
    void close() {
        opened.forEach(WalStore::close);
        channel.finishAndReleaseAll();
    }

    private WalStore wal() {
        return opened.getFirst();
    }

    /** The record that the last segment begins with began before the damage: it is received anew. */
    private Lsn end() {
        return wal().end().written();
    }

    private Path file() {
        return directory.resolve("pg_wal").resolve(damaged.format(WalBuilder.SEGMENT));
    }

    private WalSender begin(Lsn start) {
        WalSender sender = new WalSender(
                channel,
                wal(),
                new SenderWakeups(wal(), () -> WalSendAfter.WRITE),
                SendPosition.of(wal(), () -> WalSendAfter.WRITE, Optional.empty(), start),
                start,
                Optional.empty(),
                new SenderRegistry().add(CLIENT),
                () -> Duration.ZERO,
                Clock.systemUTC(),
                new Ends());
        sender.begin();
        channel.flush();
        take();
        return sender;
    }

    private void take() {
        channel.runPendingTasks();
        for (Frame frame : Frame.sentBy(channel)) {
            if (frame instanceof Frame.Wal message) {
                received.writeBytes(message.data());
            }
        }
    }

    /** Has the readers do what they have to, and the sender what follows from it. */
    private void read() {
        while (!readers.isEmpty()) {
            readers.remove().run();
            take();
        }
    }

    private void assertReceived(Lsn from, Lsn to) {
        assertThat(received.size()).isEqualTo(to.minus(from));
        assertThat(received.toByteArray())
                .isEqualTo(Arrays.copyOfRange(wal.bytes(), (int) from.minus(START), (int) to.minus(START)));
    }

    @Test
    void nothingIsSentOfASegmentBeforeItIsCheckedAndTheNextOneIsCheckedMeanwhile() {
        // When
        WalSender sender = begin(START);

        // Then
        assertThat(received.size()).isZero();
        assertThat(sender.state()).isEqualTo(new WalSenderState.Catchup());
        readers.remove().run();
        take();
        assertReceived(START, START.plus(SEGMENT));
        assertThat(readers).hasSize(1);
    }

    @Test
    void theSenderStopsAtTheLastValidRecordAndWaitsAsLongAsTheRestIsBeingFetched() {
        // When
        WalSender sender = begin(START);
        read();

        // Then
        Lsn sent = sender.sent();
        assertThat(START.plus(DAMAGED_AT).minus(sent)).isBetween(1L, 101_000L);
        assertReceived(START, sent);
        assertThat(sender.state()).isEqualTo(new WalSenderState.Catchup());
        assertThat(errors).isEmpty();
    }

    @Test
    void theSenderGoesOnWithTheGoodSegmentOnceThatIsHere() throws IOException {
        // Given
        begin(START);
        read();

        // When
        try (SegmentReplacement replacement = wal().integrity().replace(damaged)) {
            replacement.write(Unpooled.wrappedBuffer(wal.bytes(), SEGMENT, SEGMENT));
            replacement.install();
        }
        wal().integrity().replaced(damaged);
        read();

        // Then
        assertReceived(START, end());
        assertThat(errors).isEmpty();
    }

    @Test
    void theSenderFailsWithWhatIsWrongWhenTheSegmentCannotBeHad() {
        // Given
        begin(START);
        read();

        // When
        wal().integrity().refetchFailed(damaged, "requested WAL segment has already been removed");
        take();

        // Then
        assertThat(errors).singleElement().satisfies(error -> {
            assertThat(error.sqlState()).isEqualTo(SqlState.DATA_CORRUPTED);
            assertThat(error.message())
                    .startsWith("requested WAL segment " + damaged.format(WalBuilder.SEGMENT)
                            + " is damaged: incorrect resource manager data checksum in record at 1/");
            assertThat(error.detail())
                    .contains("It could not be fetched again from the upstream: requested WAL segment has already been"
                            + " removed");
            assertThat(error.hint()).isPresent();
        });
    }

    @Test
    void whoNeedsNothingOfTheDamagedSegmentIsServed() {
        // Given
        wal().integrity().ask(damaged);
        read();
        wal().integrity().refetchFailed(damaged, "no");
        Lsn start = START.plus(2L * SEGMENT);

        // When
        begin(start);
        read();

        // Then
        assertReceived(start, end());
        assertThat(errors).isEmpty();
    }

    @Test
    void aSegmentThatIsReplacedWhileItIsSentIsOpenedAnew() throws IOException {
        // Given: the damage is not known of, since it came after the check, and half of the segment is sent
        byte[] rotten = Files.readAllBytes(file());
        Files.write(file(), Arrays.copyOfRange(wal.bytes(), SEGMENT, 2 * SEGMENT));
        WalSender sender = begin(START.plus(SEGMENT));
        channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(1, 2));
        assertThat(sender.sent()).isEqualTo(START.plus(SEGMENT));
        read();
        assertThat(sender.sent()).isGreaterThan(START.plus(SEGMENT)).isLessThan(START.plus(DAMAGED_AT));
        Files.write(file(), rotten);

        // When
        try (SegmentReplacement replacement = wal().integrity().replace(damaged)) {
            replacement.write(Unpooled.wrappedBuffer(wal.bytes(), SEGMENT, SEGMENT));
            replacement.install();
        }
        wal().integrity().replaced(damaged);
        for (int i = 0; i < 1000 && sender.sent().isBefore(end()); i++) {
            read();
            sender.send();
            take();
        }

        // Then
        assertReceived(START.plus(SEGMENT), end());
    }
}
