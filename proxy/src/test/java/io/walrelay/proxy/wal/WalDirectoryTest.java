package io.walrelay.proxy.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.fixture.WatchedStorage;
import io.walrelay.proxy.wal.WalDirectory.StoredSegment;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.WalSegmentSize;
import io.walrelay.replication.timeline.TimelineHistory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WalDirectoryTest {
    private static final WalSegmentSize SIZE = WalSegmentSize.parse("1MB");
    private static final WalFileName NAME = new WalFileName(TimelineId.FIRST, 0x1001);

    @TempDir
    private Path path;

    private final WatchedStorage storage = new WatchedStorage();
    private WalDirectory directory = new WalDirectory(storage, Path.of(""), SIZE);

    @BeforeEach
    void open() {
        directory = new WalDirectory(storage, path, SIZE);
    }

    @Test
    void aPartialSegmentAppearsWithItsFullSizeOfZeros() throws Exception {
        // Given
        storage.before(operation -> {
            if (operation.startsWith("rename")) {
                assertThat(path.resolve("000000010000000100000001.partial")).doesNotExist();
            }
        });

        // When
        directory.createPartial(NAME).release();

        // Then
        assertThat(storage.list(path)).containsExactly("000000010000000100000001.partial");
        assertThat(Files.readAllBytes(path.resolve("000000010000000100000001.partial")))
                .isEqualTo(new byte[SIZE.bytes()]);
    }

    @Test
    void theOldestSegmentIsTheOneFromWhichOnAllAreHereThatAreServed() throws Exception {
        // Given: behind a gap, segments of two timelines, the second of which began in the fourth
        for (String name : List.of(
                "000000010000000100000001",
                "000000010000000100000003",
                "000000010000000100000004",
                "000000020000000100000004",
                "000000020000000100000005.partial")) {
            Files.createFile(path.resolve(name));
        }
        Lsn start = SIZE.start(NAME.segmentNumber());
        TimelineHistory second =
                SampleCluster.history(SampleCluster.SECOND, "1\t" + start.plus(3L * SIZE.bytes() + 100) + "\tx");

        // When, Then
        assertThat(directory.oldest(second)).contains(start.plus(2L * SIZE.bytes()));
        Files.delete(path.resolve("000000020000000100000004"));
        assertThat(directory.oldest(second)).contains(start.plus(4L * SIZE.bytes()));
        Files.delete(path.resolve("000000020000000100000005.partial"));
        assertThat(directory.oldest(second)).contains(start.plus(2L * SIZE.bytes()));
    }

    @Test
    void nothingIsLeftBehindWhenASegmentCannotBeCreated() throws Exception {
        // Given
        storage.fail("write");

        // When
        assertThatThrownBy(() -> directory.createPartial(NAME)).isInstanceOf(IOException.class);

        // Then
        assertThat(storage.list(path)).isEmpty();
    }

    @Test
    void aSegmentThatIsRenamedWhileItIsReadStaysReadable() throws Exception {
        // Given
        WalSegment written = directory.createPartial(NAME);
        written.file().write(7, ByteBuffer.wrap(new byte[] {42}));
        WalSegment read = directory.openToRead(NAME);

        // When
        directory.complete(written);

        // Then
        ByteBuffer one = ByteBuffer.allocate(1);
        read.file().read(7, one);
        assertThat(one.get(0)).isEqualTo((byte) 42);
        assertThat(storage.list(path)).containsExactly("000000010000000100000001");
        written.release();
        read.release();
        directory.openToRead(NAME).release();
        assertThatThrownBy(() -> directory.openToRead(new WalFileName(TimelineId.FIRST, 1)))
                .isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void segmentsOfATimelineAreListedOldestFirstAndNothingElse() throws Exception {
        // Given
        for (String name : new String[] {
            "000000010000000100000002.partial",
            "000000010000000100000001",
            "0000000100000000000000FF",
            "000000020000000100000001",
            "00000002.history",
            "000000010000000100000001.backup",
            "xlogtemp.1",
            "archive_status"
        }) {
            Files.createFile(path.resolve(name));
        }

        // When, Then
        assertThat(directory.segments(TimelineId.FIRST))
                .containsExactly(
                        new StoredSegment(new WalFileName(TimelineId.FIRST, 0xFF), true),
                        new StoredSegment(NAME, true),
                        new StoredSegment(new WalFileName(TimelineId.FIRST, 0x1002), false));
    }

    @Test
    void historyIsKeptVerbatim() throws Exception {
        // Given
        byte[] file = "# comment\n1\t0/200FCA0\tno recovery target specified\n\n2\t0/300FCA0\t\n"
                .getBytes(StandardCharsets.US_ASCII);
        TimelineId third = TimelineId.of(3);
        TimelineHistory history = TimelineHistory.parse(third, file);

        // When
        directory.histories().keep(history);

        // Then
        assertThat(directory.histories().bytes(third))
                .hasValueSatisfying(kept -> assertThat(kept).isEqualTo(file));
        assertThat(directory.histories().read(third)).isEqualTo(history);
        assertThat(storage.operations()).endsWith("sync directory " + path.getFileName());
        assertThat(directory.histories().bytes(SampleCluster.SECOND)).isEmpty();
        assertThat(directory.histories().read(TimelineId.FIRST)).isEqualTo(TimelineHistory.first());
        assertThatThrownBy(() -> directory.histories().read(SampleCluster.SECOND))
                .isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void aDamagedHistoryIsAnError() throws Exception {
        // Given
        Files.writeString(path.resolve("00000002.history"), "2\t0/0\t\n");

        // When, Then
        assertThatThrownBy(() -> directory.histories().read(SampleCluster.SECOND))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("00000002.history\" is damaged");
    }
}
