package io.walrelay.proxy.syncrep;

import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.replication.Lsn;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What waits, in whatever order it is flushed, confirmed and taken back. {@code -Dwalrelay.seed=N} repeats one run. */
class UnconfirmedWalPropertyTest {
    private static final int STEPS = 5_000;

    private final UnconfirmedWal wal = new UnconfirmedWal();
    private final PlainUnconfirmedWal plain = new PlainUnconfirmedWal();

    static LongStream seeds() {
        Long one = Long.getLong("walrelay.seed");
        return one != null ? LongStream.of(one) : LongStream.range(0, 40);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void itIsAsOldAsAListSays(long seed) {
        // Given
        Random random = new Random(seed);
        // Of either sign, as numbers: positions have none.
        long end = random.nextBoolean() ? 1 : -1_000;
        long confirmed = end;
        long now = random.nextLong();
        int confirmations = 1 + random.nextInt(30);

        // When / Then
        for (int step = 0; step < STEPS; step++) {
            now += random.nextInt(1_000);
            int kind = random.nextInt(1_000);
            if (kind < confirmations) {
                confirmed += random.nextInt(40_000);
                wal.confirmed(confirmed);
                plain.confirmed(new Lsn(confirmed));
            } else if (kind == 998) {
                end -= random.nextInt(3_000);
                wal.takenBack(end);
                plain.takenBack(new Lsn(end));
            } else if (kind == 999 && random.nextInt(5) == 0) {
                wal.forget();
                plain.forget();
            } else {
                end += random.nextInt(100);
                wal.flushedHere(end, now);
                plain.flushedHere(new Lsn(end), now);
            }
            assertThat(wal.isEmpty()).isEqualTo(plain.since().isEmpty());
            long since = plain.since().orElse(now);
            assertThat(now - wal.age(now)).as("seed %d, step %d", seed, step).isEqualTo(since);
        }
    }
}
