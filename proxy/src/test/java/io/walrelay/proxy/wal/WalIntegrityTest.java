package io.walrelay.proxy.wal;

import static io.walrelay.proxy.fixture.SampleCluster.FIRST;
import static io.walrelay.proxy.fixture.SampleCluster.SECOND;
import static io.walrelay.proxy.fixture.SampleCluster.SEGMENT;
import static io.walrelay.proxy.fixture.SampleCluster.START;
import static io.walrelay.proxy.fixture.SampleCluster.awaitFlushed;
import static io.walrelay.proxy.fixture.SampleCluster.receive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.fixture.WatchedStorage;
import io.walrelay.proxy.storage.FileVersion;
import io.walrelay.proxy.storage.LocalStorage;
import io.walrelay.proxy.wal.WalIntegrity.Verdict;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.timeline.TimelineHistory;
import io.walrelay.replication.wal.WalBuilder;
import io.walrelay.replication.wal.WalFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Four segments, of which the last is being received; records go on from each into the next. */
final class WalIntegrityTest {
    @TempDir
    private Path directory;

    private final WatchedStorage storage = new WatchedStorage();
    private final WalBuilder wal = SampleCluster.wal();
    private final AtomicLong now = new AtomicLong();
    private final Deque<Runnable> readers = new ArrayDeque<>();

    @SuppressWarnings("NullAway.Init") // before each test
    private WalEnd end;

    @SuppressWarnings("NullAway.Init") // before each test
    private WalIntegrity integrity;

    @BeforeEach
    void store() throws IOException {
        Files.createDirectory(directory.resolve("pg_wal"));
        for (int i = 0; i < 32; i++) {
            wal.record(100_000);
        }
        for (int i = 0; i < 4; i++) {
            byte[] all = wal.zeroed();
            Files.write(path(i), Arrays.copyOfRange(all, i * SEGMENT, Math.min(all.length, (i + 1) * SEGMENT)));
        }
        open(TimelineHistory.first());
    }

    private void open(TimelineHistory history) {
        end = new WalEnd(history, wal.lsn());
        integrity = integrity(true);
    }

    private WalIntegrity integrity(boolean enabled) {
        WalDirectory files = new WalDirectory(storage, directory.resolve("pg_wal"), WalBuilder.SEGMENT);
        return new WalIntegrity(files, wal.format(), () -> end, new WarmWal(files, now::get), enabled, now::get);
    }

    private static WalFileName name(int index) {
        return new WalFileName(FIRST, WalBuilder.SEGMENT.segmentNumber(START) + index);
    }

    private Path path(int index) {
        return directory
                .resolve("pg_wal")
                .resolve(name(index).format(WalBuilder.SEGMENT) + (index == 3 ? ".partial" : ""));
    }

    private void damage(int index, int offset) throws IOException {
        byte[] bytes = Files.readAllBytes(path(index));
        bytes[offset] ^= 1;
        write(path(index), bytes);
    }

    /** The clock that files are stamped with ticks in milliseconds on some kernels: waits for the next. */
    private static void write(Path file, byte[] bytes) throws IOException {
        LocalStorage real = new LocalStorage();
        FileVersion before = real.version(file);
        do {
            Files.write(file, bytes);
        } while (real.version(file).equals(before));
    }

    private SegmentDamage damageOf(int index) {
        return ((Verdict.Damaged) integrity.ask(name(index))).damage();
    }

    @Test
    void allIsSoundThatIsStoredAsItWasReceived() {
        for (int i = 0; i < 4; i++) {
            assertThat(integrity.ask(name(i))).isEqualTo(new Verdict.Sound());
        }
        assertThat(integrity.damaged()).isEmpty();
    }

    @Test
    void aSegmentIsUncheckedUntilAReaderHasReadIt() {
        // Given
        AtomicInteger told = new AtomicInteger();
        integrity.readOn(readers::add);
        integrity.onChange(told::incrementAndGet);

        // When
        assertThat(integrity.ask(name(1))).isEqualTo(new Verdict.Unchecked());
        assertThat(integrity.ask(name(1))).isEqualTo(new Verdict.Unchecked());

        // Then
        assertThat(readers).hasSize(1);
        readers.remove().run();
        assertThat(told).hasValue(1);
        assertThat(integrity.ask(name(1))).isEqualTo(new Verdict.Sound());
    }

    @Test
    void damageEndsWhatMayBeServedAtTheLastValidRecord() throws Exception {
        // Given
        damage(1, SEGMENT / 2 + 1000);

        // When
        SegmentDamage damage = damageOf(1);

        // Then
        assertThat(damage.reason()).isEqualTo("incorrect resource manager data checksum in record at " + damage.lsn());
        assertThat(damage.validEnd()).isEqualTo(damage.lsn());
        assertThat(START.plus(SEGMENT + SEGMENT / 2 + 1000).minus(damage.validEnd()))
                .isBetween(1L, 101_000L);
        assertThat(damage.suspects()).containsExactly(name(1));
        assertThat(integrity.ask(name(0))).isEqualTo(new Verdict.Sound());
        assertThat(integrity.ask(name(2))).isEqualTo(new Verdict.Sound());
    }

    @Test
    void everyFlippedBitOfARecordOrAPageHeaderIsFound() throws Exception {
        for (int offset :
                new int[] {0, 2, 5, 9, 17, 25, 33, 8192, 8194, 8200, 8209, 300_000, SEGMENT - 8192, SEGMENT - 1}) {
            damage(1, offset);
            now.addAndGet(Duration.ofDays(2).toNanos());
            assertThat(integrity.ask(name(1))).as("offset %d", offset).isInstanceOf(Verdict.Damaged.class);
            damage(1, offset);
            integrity.replaced(name(1));
            assertThat(integrity.damaged()).as("offset %d", offset).isEmpty();
        }
    }

    @Test
    void bothSegmentsOfADamagedRecordAreInDoubtWhicheverIsAskedFor() throws Exception {
        // Given: the end of a record that began in the segment before
        damage(2, 3000);

        // When, Then
        assertThat(damageOf(2).suspects()).containsExactly(name(1), name(2));
        assertThat(damageOf(1).validEnd()).isLessThan(START.plus(2L * SEGMENT));
        assertThat(integrity.damaged()).containsExactly(name(1), name(2));
    }

    @Test
    void theBeginningOfALongRecordIsLookedForAlsoWhereItEndsInTheVeryFirstBytesOfTheSegment() throws Exception {
        // Given: a record that fills the second segment, with eight of its bytes in the third
        int inSecond = SEGMENT - 40 - 127 * 24;
        WalBuilder longRecord = SampleCluster.wal();
        longRecord.record(100_000);
        int inFirst = SEGMENT - longRecord.size() - (127 - longRecord.size() / 8192) * 24;
        longRecord.record(inFirst + inSecond + 8 - 24);
        for (int i = 0; i < 10; i++) {
            longRecord.record(100_000);
        }
        byte[] all = longRecord.zeroed();
        assertThat(ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).getInt(2 * SEGMENT + 16))
                .isEqualTo(8);
        for (int i = 0; i < 3; i++) {
            Files.write(path(i), Arrays.copyOfRange(all, i * SEGMENT, (i + 1) * SEGMENT));
        }

        // When: the record is damaged in its last bytes
        damage(2, 41);

        // Then
        assertThat(damageOf(2).suspects()).containsExactly(name(0), name(1), name(2));
    }

    @Test
    void aRecordThatGoesOnInTheSegmentThatIsBeingReceivedIsReadUpToWhatIsThere() throws Exception {
        // Given
        damage(2, SEGMENT - 100);

        // When, Then
        assertThat(damageOf(2).suspects()).contains(name(2));
        assertThat(integrity.damaged()).containsExactly(name(2));
    }

    @Test
    void aFileThatIsTooShortIsDamaged() throws Exception {
        // Given
        Files.write(path(1), Arrays.copyOf(Files.readAllBytes(path(1)), 20_000));

        // When, Then
        assertThat(damageOf(1).reason()).contains("could not read from WAL segment");
    }

    @Test
    void aChangeBySomebodyIsSeenAtOnceEvenIfItsTimeIsSetBack() throws Exception {
        // Given
        assertThat(integrity.ask(name(1))).isEqualTo(new Verdict.Sound());
        FileTime modified = Files.getLastModifiedTime(path(1));

        // When
        damage(1, 5000);
        Files.setLastModifiedTime(path(1), modified);
        now.addAndGet(Duration.ofMillis(10).toNanos());

        // Then
        assertThat(integrity.ask(name(1))).isInstanceOf(Verdict.Damaged.class);
        assertThat(integrity.replacements())
                .as("who has the file open opens it anew")
                .isEqualTo(1);
    }

    @Test
    void aSegmentOfWhichNobodyCanTellWhetherItHasChangedIsNotServed() throws Exception {
        // Given
        assertThat(integrity.ask(name(1))).isEqualTo(new Verdict.Sound());
        damage(1, SEGMENT / 2);
        now.addAndGet(Duration.ofMillis(11).toNanos());
        storage.fail("status", "Input/output error");

        // When, Then
        assertThat(integrity.ask(name(1))).isInstanceOf(Verdict.Damaged.class);
        storage.repair();
        now.addAndGet(Duration.ofMillis(11).toNanos());
        assertThat(damageOf(1).validEnd()).isLessThan(START.plus(SEGMENT + SEGMENT / 2));
    }

    @Test
    void theRecordThatASegmentBeginsWithIsCheckedThoughItsFirstPageCouldNotBeReadAtOnce() throws Exception {
        // Given: the record that the second begins with is damaged in the first
        damage(0, SEGMENT - 100);
        AtomicInteger reads = new AtomicInteger();
        storage.before(operation -> {
            if (operation.equals("read " + path(1).getFileName()) && reads.incrementAndGet() == 1) {
                throw new IOException("Input/output error");
            }
        });

        // When, Then
        assertThat(integrity.ask(name(1))).isInstanceOf(Verdict.Damaged.class);
    }

    @Test
    void aFileThatIsPutIntoThePlaceOfAnotherIsChecked() throws Exception {
        // Given
        Path other = directory.resolve("other");
        byte[] bytes = Files.readAllBytes(path(1));
        bytes[5000] ^= 1;
        Files.write(other, bytes);
        assertThat(integrity.ask(name(1))).isEqualTo(new Verdict.Sound());

        // When
        Files.move(other, path(1), StandardCopyOption.REPLACE_EXISTING);
        now.addAndGet(Duration.ofMillis(10).toNanos());

        // Then
        assertThat(integrity.ask(name(1))).isInstanceOf(Verdict.Damaged.class);
    }

    @Test
    void aDamagedSegmentIsSoundAgainWhenSomebodyPutsAGoodOneIntoItsPlace() throws Exception {
        // Given
        byte[] good = Files.readAllBytes(path(1));
        damage(1, 5000);
        assertThat(damageOf(1)).isNotNull();
        integrity.refetchFailed(name(1), "no upstream");

        // When
        write(path(1), good);
        now.addAndGet(Duration.ofMillis(10).toNanos());
        for (int i = 0; i < 3; i++) {
            integrity.scrub();
        }

        // Then
        assertThat(integrity.damaged()).isEmpty();
        assertThat(integrity.ask(name(1))).isEqualTo(new Verdict.Sound());
    }

    @Test
    void whetherAFileHasChangedIsLookedAtNoMoreOftenThanEachTenMillisecondsHoweverManyAsk() {
        // Given
        assertThat(integrity.ask(name(1))).isEqualTo(new Verdict.Sound());
        int before = storage.looks();

        // When
        for (int i = 0; i < 1000; i++) {
            now.addAndGet(Duration.ofMillis(10).toNanos() / 100);
            assertThat(integrity.ask(name(1))).isEqualTo(new Verdict.Sound());
        }

        // Then
        assertThat(storage.looks() - before).isEqualTo(10);
    }

    @Test
    void theBeginningOfASegmentThatHasChangedIsCheckedWithTheSegmentBeforeThoughThatIsSound() throws Exception {
        // Given
        assertThat(integrity.ask(name(1))).isEqualTo(new Verdict.Sound());
        assertThat(integrity.ask(name(2))).isEqualTo(new Verdict.Sound());

        // When: the end of a record that began in the segment before
        damage(2, 3000);
        now.addAndGet(Duration.ofMillis(10).toNanos());

        // Then
        assertThat(damageOf(2).suspects()).containsExactly(name(1), name(2));
    }

    @Test
    void aSegmentThatIsChangedWhileItIsReadIsNotSoundBeforeItWasReadAnew() throws Exception {
        // Given: what the reader reads is good still
        integrity.readOn(readers::add);
        storage.afterReading(path(1), () -> damage(1, 5000));

        // When
        assertThat(integrity.ask(name(1))).isEqualTo(new Verdict.Unchecked());
        readers.remove().run();

        // Then
        assertThat(integrity.ask(name(1))).isEqualTo(new Verdict.Unchecked());
        readers.remove().run();
        assertThat(integrity.ask(name(1))).isInstanceOf(Verdict.Damaged.class);
    }

    @Test
    void whatTheMediumChangesByItselfIsSeenAfterSomeMinutes() throws Exception {
        // Given
        assertThat(integrity.ask(name(1))).isEqualTo(new Verdict.Sound());
        storage.rot(path(1));
        damage(1, 5000);

        // When, Then
        now.addAndGet(Duration.ofMinutes(4).toNanos());
        assertThat(integrity.ask(name(1))).isEqualTo(new Verdict.Sound());
        now.addAndGet(Duration.ofMinutes(2).toNanos());
        assertThat(integrity.ask(name(1))).isInstanceOf(Verdict.Damaged.class);
    }

    @Test
    void nothingIsCheckedThatWasCheckedWhenItCame() throws Exception {
        // Given
        try (WalStore store = SampleCluster.opener(storage, directory.resolve("other"), true)
                .create(SampleCluster.control(FIRST), TimelineHistory.first(), START)) {
            receive(store, wal.bytes());
            awaitFlushed(store, wal.lsn());
            store.integrity().readOn(readers::add);

            // When, Then
            for (int i = 0; i < 4; i++) {
                assertThat(store.integrity().ask(name(i))).isEqualTo(new Verdict.Sound());
            }
            assertThat(readers).isEmpty();
        }
    }

    @Test
    void everythingMayBeServedWhereWalIsNotVerified() throws Exception {
        // Given
        damage(1, SEGMENT / 2 + 1000);

        // When
        WalIntegrity off = integrity(false);

        // Then
        assertThat(off.ask(name(1))).isEqualTo(new Verdict.Sound());
        off.scrub();
        assertThat(off.damaged()).isEmpty();
    }

    @Test
    void aSegmentIsSoundAgainWhenItHasBeenReplaced() throws Exception {
        // Given
        byte[] good = Files.readAllBytes(path(1));
        damage(1, SEGMENT / 2 + 1000);
        assertThat(damageOf(1)).isNotNull();
        integrity.refetchFailed(name(1), "the upstream is away");
        assertThat(integrity.ask(name(1)))
                .isEqualTo(new Verdict.Damaged(damageOf(1), Optional.of("the upstream is away")));
        storage.forget();

        // When
        try (SegmentReplacement replacement = integrity.replace(name(1))) {
            replacement.write(Unpooled.wrappedBuffer(good, 0, 100_000));
            replacement.write(Unpooled.wrappedBuffer(good, 100_000, SEGMENT - 100_000));
            assertThat(replacement.received()).isEqualTo(replacement.end());
            replacement.install();
        }
        integrity.replaced(name(1));

        // Then
        String file = name(1).format(WalBuilder.SEGMENT);
        assertThat(integrity.ask(name(1))).isEqualTo(new Verdict.Sound());
        assertThat(integrity.replacements()).isEqualTo(1);
        assertThat(Files.readAllBytes(path(1))).isEqualTo(good);
        assertThat(storage.operations(operation -> !operation.startsWith("write")))
                .containsExactly(
                        "create xlogtemp." + file,
                        "sync xlogtemp." + file,
                        "rename xlogtemp." + file + " to " + file,
                        "sync directory pg_wal");
    }

    @Test
    void theDamagedFileStaysWhenWhatIsFetchedIsNoBetterOrCannotBeWritten() throws Exception {
        // Given
        damage(1, SEGMENT / 2 + 1000);
        byte[] damaged = Files.readAllBytes(path(1));

        // When, Then
        try (SegmentReplacement replacement = integrity.replace(name(1))) {
            replacement.write(Unpooled.wrappedBuffer(damaged));
            assertThatThrownBy(replacement::install).isInstanceOf(WalFormatException.class);
        }
        for (String failing : List.of("create", "write", "sync", "rename", "sync directory")) {
            storage.fail(failing);
            assertThatThrownBy(() -> {
                        try (SegmentReplacement replacement = integrity.replace(name(1))) {
                            replacement.write(Unpooled.wrappedBuffer(wal.bytes(), SEGMENT, SEGMENT));
                            replacement.install();
                        }
                    })
                    .as(failing)
                    .isInstanceOf(IOException.class);
            storage.repair();
            assertThat(storage.list(directory.resolve("pg_wal")))
                    .as(failing)
                    .hasSize(4)
                    .noneMatch(file -> file.startsWith("xlogtemp"));
        }
    }

    @Test
    void theNewestSegmentThatWasNeverCheckedIsScrubbedFirst() throws Exception {
        // Given
        damage(0, SEGMENT / 2 + 1000);
        damage(2, SEGMENT / 2 + 1000);

        // When
        integrity.scrub();
        List<WalFileName> first = integrity.damaged();
        integrity.scrub();
        integrity.scrub();

        // Then
        assertThat(first).containsExactly(name(2));
        assertThat(integrity.damaged()).containsExactly(name(0), name(2));
    }

    @Test
    void whatWasCheckedIsScrubbedAgainAfterADayAndForgottenWhenItIsGone() throws Exception {
        // Given
        for (int i = 0; i < 3; i++) {
            integrity.scrub();
        }
        storage.rot(path(0));
        damage(0, SEGMENT / 2 + 1000);
        integrity.scrub();
        assertThat(integrity.damaged()).isEmpty();

        // When
        now.addAndGet(Duration.ofHours(25).toNanos());
        for (int i = 0; i < 3; i++) {
            integrity.scrub();
        }

        // Then
        assertThat(integrity.damaged()).containsExactly(name(0));
        Files.delete(path(0));
        integrity.scrub();
        assertThat(integrity.damaged()).isEmpty();
        assertThat(integrity.isMended(name(0))).isTrue();
    }

    @Test
    void theFileOfASwitchPointIsReadBehindTheTimelineBefore() throws Exception {
        // Given: timeline 2 began in the midst of the third segment
        WalBuilder both = SampleCluster.wal();
        for (int i = 0; i < 22; i++) {
            both.record(100_000);
        }
        Lsn switchPoint = both.lsn();
        both.timeline(2);
        for (int i = 0; i < 10; i++) {
            both.record(100_000);
        }
        TimelineId second = SECOND;
        byte[] all = both.zeroed();
        for (int i = 2; i < 4; i++) {
            String file = new WalFileName(second, name(i).segmentNumber()).format(WalBuilder.SEGMENT);
            Files.write(
                    directory.resolve("pg_wal").resolve(file + (i == 3 ? ".partial" : "")),
                    Arrays.copyOfRange(all, i * SEGMENT, (i + 1) * SEGMENT));
        }
        open(SampleCluster.history(SECOND, "1\t" + switchPoint + "\tx"));

        // When, Then: the old timeline's file of that segment is of no account
        damage(2, SEGMENT - 100);
        assertThat(integrity.ask(name(1))).isEqualTo(new Verdict.Sound());
        assertThat(integrity.ask(new WalFileName(second, name(2).segmentNumber())))
                .isEqualTo(new Verdict.Sound());
        for (int i = 0; i < 4; i++) {
            integrity.scrub();
        }
        assertThat(integrity.damaged()).isEmpty();
    }
}
