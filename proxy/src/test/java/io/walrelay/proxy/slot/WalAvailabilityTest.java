package io.walrelay.proxy.slot;

import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.proxy.slot.WalAvailability.Status;
import io.walrelay.proxy.slot.WalAvailability.Wal;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.WalSegmentSize;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WalAvailabilityTest {
    private static final WalSegmentSize SIZE = new WalSegmentSize(1 << 20);
    private static final long MB = 1 << 20;

    private static Lsn segment(long number) {
        return SIZE.start(number);
    }

    private static Wal wal(long wanted, long keep, long slotKeep, long maxWal) {
        return new Wal(
                SIZE,
                segment(100).plus(5),
                segment(20),
                Optional.of(segment(wanted)),
                keep * MB,
                slotKeep < 0 ? -1 : slotKeep * MB,
                maxWal * MB);
    }

    @ParameterizedTest
    @CsvSource({
        // slot, wal_keep_size, max_slot_wal_keep_size, max_wal_size
        "100, 0,  -1, 10, RESERVED",
        "89,  0,  -1, 10, RESERVED",
        "88,  0,  -1, 10, EXTENDED",
        "20,  0,  -1, 10, EXTENDED",
        "95,  0,   5, 10, RESERVED",
        "94,  0,   5, 10, UNRESERVED",
        "94, 20,   5, 10, RESERVED",
        "85, 20,   5, 10, EXTENDED",
        "79, 20,   5, 10, UNRESERVED",
        "19,  0,   5, 10, LOST",
        "19,  0,  -1, 10, EXTENDED",
    })
    void statusIsPostgres(long slot, long keep, long slotKeep, long maxWal, Status status) {
        assertThat(WalAvailability.of(wal(slot, keep, slotKeep, maxWal), segment(slot), false, false)
                        .status())
                .contains(status);
    }

    @Test
    void slotThatIsUsedIsNotLostYet() {
        assertThat(WalAvailability.of(wal(19, 0, 5, 10), segment(19), false, true)
                        .status())
                .contains(Status.UNRESERVED);
    }

    @Test
    void invalidatedSlotIsLostAndHasNothingLeft() {
        WalAvailability lost = WalAvailability.of(wal(95, 0, 5, 10), segment(95), true, false);

        assertThat(lost.status()).contains(Status.LOST);
        assertThat(lost.safeBytes()).isEmpty();
    }

    @Test
    void slotWithoutAPositionHasNoStatus() {
        assertThat(WalAvailability.of(wal(95, 0, 5, 10), Lsn.INVALID, false, false)
                        .status())
                .isEmpty();
    }

    @Test
    void whatIsSafeEndsWithTheSegmentInWhichTheLimitLies() {
        assertThat(WalAvailability.of(wal(95, 0, 5, 10), segment(95).plus(7), false, false)
                        .safeBytes())
                .hasValue(segment(101).minus(segment(100).plus(5)));
        assertThat(WalAvailability.of(wal(95, 0, -1, 10), segment(95), false, false)
                        .safeBytes())
                .isEmpty();
    }
}
