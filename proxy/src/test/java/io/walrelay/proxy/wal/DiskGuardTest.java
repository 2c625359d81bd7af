package io.walrelay.proxy.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.fixture.WatchedStorage;
import io.walrelay.proxy.storage.LocalStorage;
import io.walrelay.proxy.storage.Storage;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.WalSegmentSize;
import io.walrelay.replication.wal.WalBuilder;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DiskGuardTest {
    private static final long MEGABYTE = 1 << 20;

    @TempDir
    private Path directory;

    private final Storage storage = new LocalStorage();

    @BeforeEach
    void twoSegmentsOfOneMegabyte() throws IOException {
        WalDirectory wal = new WalDirectory(storage, directory, WalBuilder.SEGMENT);
        for (long number = 0; number < 2; number++) {
            wal.createPartial(new WalFileName(TimelineId.FIRST, 7 + number)).release();
        }
        storage.replace(directory.resolve("00000002.history"), new byte[10]);
    }

    private DiskGuard guard(long walBytes, int freeSegments) {
        return new DiskGuard(
                storage, directory, WalBuilder.SEGMENT, () -> new DiskGuard.Limits(walBytes, freeSegments));
    }

    @Test
    void thereIsRoomWhereNothingIsLimited() throws IOException {
        assertThat(guard(-1, 0).refusal()).isEmpty();
    }

    @Test
    void thereIsRoomForASegmentThatEndsAtTheLimit() throws IOException {
        assertThat(SampleCluster.SEGMENT).isEqualTo((int) MEGABYTE);
        assertThat(guard(3 * MEGABYTE, 0).refusal()).isEmpty();
    }

    @Test
    void thereIsNoRoomForASegmentBeyondTheLimit() throws IOException {
        assertThat(guard(3 * MEGABYTE - 1, 0).refusal()).contains("pg_wal holds 2 MB, wal_disk_limit allows 2 MB");
    }

    @Test
    void thereIsNoRoomWhereTheFileSystemHasTooLittleLeft() throws IOException {
        assertThat(guard(-1, Integer.MAX_VALUE).refusal().orElseThrow())
                .startsWith("the file system of pg_wal has ")
                .contains("replication_halt_segments keeps free");
    }

    @ParameterizedTest(name = "replication_halt_segments = {0}, room for {1} segments")
    @CsvSource({"0, 1, true", "0, 0, false", "1, 1, true", "1, 0, false", "2, 2, true", "2, 1, false"})
    void segmentIsRefusedWhereItDoesNotFit(int kept, int room, boolean allowed) throws IOException {
        WatchedStorage full = new WatchedStorage();
        full.room((room + 1) * MEGABYTE - 1);

        DiskGuard guard = new DiskGuard(full, directory, WalBuilder.SEGMENT, () -> new DiskGuard.Limits(-1, kept));

        assertThat(guard.refusal().isEmpty()).isEqualTo(allowed);
    }

    @ParameterizedTest(name = "wal_disk_limit {0} MB, wal_keep_size {1} MB, segments of {2}")
    @CsvSource({
        "-1, 1000, 16MB, true",
        "64, 0, 16MB, true",
        "63, 0, 16MB, false",
        "164, 100, 16MB, true",
        "163, 100, 16MB, false",
        "4, 0, 1MB, true",
        "255, 0, 64MB, false"
    })
    void aLimitThatLeavesNoRoomForWhatMustBeKeptIsTold(long limit, long kept, String size, boolean enough) {
        DiskGuard.Limits limits = new DiskGuard.Limits(limit < 0 ? limit : limit * MEGABYTE, 2);

        assertThat(DiskGuard.shortfall(limits, kept * MEGABYTE, WalSegmentSize.parse(size)))
                .satisfies(told -> assertThat(told.isEmpty()).isEqualTo(enough));
    }

    @Test
    void aLimitThatIsTooSmallIsToldWithWhatWouldDo() {
        assertThat(DiskGuard.shortfall(new DiskGuard.Limits(50 * MEGABYTE, 2), 100 * MEGABYTE, WalSegmentSize.DEFAULT))
                .contains("\"wal_disk_limit\" must be at least \"wal_keep_size\" and four times \"wal_segment_size\""
                        + "\nDETAIL:  With 50 MB and WAL segments of 16 MB, receiving of WAL may halt for good."
                        + "\nHINT:  Set wal_disk_limit to 164 MB or more, or lower wal_keep_size.");
    }

    @Test
    void limitsCountAsTheyAreAtThatMoment() throws IOException {
        long[] limit = {0};
        DiskGuard guard =
                new DiskGuard(storage, directory, WalBuilder.SEGMENT, () -> new DiskGuard.Limits(limit[0], 0));
        assertThat(guard.refusal()).isPresent();

        limit[0] = 10 * MEGABYTE;

        assertThat(guard.refusal()).isEmpty();
    }
}
