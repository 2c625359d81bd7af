package io.walrelay.proxy.wal;

import static io.walrelay.proxy.fixture.SampleCluster.FIRST;
import static io.walrelay.proxy.fixture.SampleCluster.SECOND;
import static io.walrelay.proxy.fixture.SampleCluster.SEGMENT;
import static io.walrelay.proxy.fixture.SampleCluster.START;
import static io.walrelay.proxy.fixture.SampleCluster.awaitFlushed;
import static io.walrelay.proxy.fixture.SampleCluster.receive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.fixture.WatchedStorage;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.timeline.TimelineHistory;
import io.walrelay.replication.wal.WalBuilder;
import io.walrelay.replication.wal.WalFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The store where WAL is checked before it is written. */
final class WalVerifierTest {
    @TempDir
    private Path directory;

    private final WatchedStorage storage = new WatchedStorage();
    private final WalBuilder wal = SampleCluster.wal();
    private final List<WalStore> opened = new ArrayList<>();

    private WalStore store() {
        return opened.getLast();
    }

    @BeforeEach
    void create() throws IOException {
        opened.add(SampleCluster.opener(storage, directory, true)
                .create(SampleCluster.control(FIRST), TimelineHistory.first(), START));
    }

    @AfterEach
    void close() {
        opened.forEach(WalStore::close);
    }

    private void restart() throws IOException {
        store().close();
        opened.add(SampleCluster.opener(storage, directory, true)
                .recover(SampleCluster.control(FIRST))
                .orElseThrow());
    }

    private byte[] part(Lsn from, Lsn to) {
        return Arrays.copyOfRange(wal.bytes(), (int) from.minus(START), (int) to.minus(START));
    }

    private byte[] stored(String name) throws IOException {
        return Files.readAllBytes(directory.resolve("pg_wal").resolve(name));
    }

    @Test
    void onlyWholeValidRecordsAreAcknowledged() throws Exception {
        // Given
        wal.record(3000);
        Lsn whole = wal.lsn();
        wal.record(9000);
        Lsn cut = whole.plus(4000);

        // When
        receive(store(), part(START, cut));
        awaitFlushed(store(), cut);

        // Then
        assertThat(store().acknowledgeable()).isEqualTo(whole);
        receive(store(), part(cut, wal.lsn()));
        awaitFlushed(store(), wal.lsn());
        assertThat(store().acknowledgeable()).isEqualTo(wal.lsn());
    }

    @Test
    void invalidWalIsNotWritten() throws Exception {
        // Given
        wal.record(3000);
        byte[] broken = wal.bytes();
        broken[1000] ^= 1;
        ByteBuf data = Unpooled.wrappedBuffer(broken);

        // When
        assertThatThrownBy(() -> store().writer().append(data)).isInstanceOf(WalFormatException.class);
        store().writer().writeOut();

        // Then
        assertThat(data.refCnt()).isZero();
        assertThat(store().end().written()).isEqualTo(START);
        assertThat(store().writer().received()).isEqualTo(START);
    }

    @Test
    void aRecordThatTurnsOutBrokenIsReceivedAnewFromItsBeginning() throws Exception {
        // Given: the first half of a record was broken on the way, which shows at the record's end
        wal.record(3000);
        Lsn valid = wal.lsn();
        wal.record(50_000);
        byte[] broken = wal.bytes();
        broken[(int) valid.minus(START) + 500] ^= 1;
        int half = (int) valid.minus(START) + 20_000;
        receive(store(), Arrays.copyOf(broken, half));
        assertThatThrownBy(() -> store().writer().append(Unpooled.wrappedBuffer(broken, half, broken.length - half)))
                .isInstanceOf(WalFormatException.class);

        // When
        store().refetch();

        // Then
        assertThat(store().writer().received()).isEqualTo(valid);
        assertThat(store().end().written()).isEqualTo(valid);
        assertThat(store().end().flushed()).isEqualTo(valid);
        receive(store(), part(valid, wal.lsn()));
        awaitFlushed(store(), wal.lsn());
        assertThat(stored("0000000100000001000007FF.partial")).isEqualTo(wal.zeroed());
        assertThat(store().acknowledgeable()).isEqualTo(wal.lsn());
    }

    @Test
    void aBrokenRecordThatBeganInACompleteSegmentTakesThatBackToo() throws Exception {
        // Given
        wal.record(SEGMENT - 20_000);
        Lsn valid = wal.lsn();
        wal.record(100_000);
        byte[] broken = wal.bytes();
        broken[SEGMENT - 5000] ^= 1;
        receive(store(), Arrays.copyOf(broken, SEGMENT + 8192));
        awaitFlushed(store(), START.plus(SEGMENT + 8192));
        assertThatThrownBy(() -> store().writer()
                        .append(Unpooled.wrappedBuffer(broken, SEGMENT + 8192, broken.length - SEGMENT - 8192)))
                .isInstanceOf(WalFormatException.class);

        // When
        store().refetch();

        // Then
        assertThat(storage.list(directory.resolve("pg_wal"))).containsExactly("0000000100000001000007FF.partial");
        receive(store(), part(valid, wal.lsn()));
        awaitFlushed(store(), wal.lsn());
        assertThat(stored("0000000100000001000007FF")).isEqualTo(Arrays.copyOf(wal.bytes(), SEGMENT));
    }

    @Test
    void checkingGoesOnInTheMidstOfARecordAfterTheStreamWasBroken() throws Exception {
        // Given
        wal.record(3000);
        wal.record(50_000);
        Lsn cut = START.plus(20_000);
        receive(store(), part(START, cut));
        store().writer().append(Unpooled.wrappedBuffer(part(cut, START.plus(30_000))));
        store().writer().abandon();

        // When
        receive(store(), part(cut, wal.lsn()));
        awaitFlushed(store(), wal.lsn());

        // Then
        assertThat(store().acknowledgeable()).isEqualTo(wal.lsn());
    }

    @Test
    void checkingGoesOnAfterARestart() throws Exception {
        // Given
        wal.record(SEGMENT - 20_000);
        wal.record(100_000);
        wal.record(500);
        Lsn end = wal.lsn();
        receive(store(), part(START, end));
        wal.record(60_000);

        // When
        restart();
        receive(store(), part(end, wal.lsn()));
        awaitFlushed(store(), wal.lsn());

        // Then
        assertThat(store().acknowledgeable()).isEqualTo(wal.lsn());
        byte[] old = Arrays.copyOf(wal.bytes(), 8192);
        assertThatThrownBy(() -> receive(store(), old)).isInstanceOf(WalFormatException.class);
    }

    @Test
    void checkingGoesOnOnTheNextTimeline() throws Exception {
        // Given
        wal.record(3000);
        Lsn switchPoint = wal.lsn();
        receive(store(), part(START, switchPoint));
        store().switchTimeline(SampleCluster.history(SECOND, "1\t" + switchPoint + "\tx"));

        // When
        wal.timeline(2).record(60_000);
        receive(store(), part(switchPoint, wal.lsn()));
        awaitFlushed(store(), wal.lsn());

        // Then
        assertThat(store().acknowledgeable()).isEqualTo(wal.lsn());
    }

    @ParameterizedTest
    @ValueSource(ints = {5000, 900_000})
    void theNextTimelineBeginsWithNoDamagedBytesOfTheOldOnesSegment(int damagedAt) throws Exception {
        // Given: the old timeline was received to behind the segment in which it is left, and that has rotted
        for (int i = 0; i < 6; i++) {
            wal.record(100_000);
        }
        Lsn switchPoint = wal.lsn();
        wal.record(SEGMENT);
        receive(store(), part(START, wal.lsn()));
        awaitFlushed(store(), wal.lsn());
        Path file = directory.resolve("pg_wal").resolve("0000000100000001000007FF");
        byte[] rotten = Files.readAllBytes(file);
        rotten[damagedAt] ^= 1;
        Files.write(file, rotten);

        // When
        store().switchTimeline(SampleCluster.history(SECOND, "1\t" + switchPoint + "\tx"));

        // Then: what lies behind the switch point does not matter
        boolean before = START.plus(damagedAt).isBefore(switchPoint);
        assertThat(store().writer().received()).isEqualTo(before ? START : switchPoint);
        assertThat(store().acknowledgeable()).isEqualTo(before ? START : switchPoint);
    }

    @Test
    void aCheckerThatHasFailedIsNotFedAgainWhenWalCouldNotBeTakenBack() throws Exception {
        // Given: the stream failed, and what is to follow that was not done
        wal.record(3000);
        byte[] broken = wal.bytes();
        broken[1000] ^= 1;
        assertThatThrownBy(() -> store().writer().append(Unpooled.wrappedBuffer(broken)))
                .isInstanceOf(WalFormatException.class);
        store().writer().abandon();

        // When
        assertThatThrownBy(() -> store().writer().append(Unpooled.wrappedBuffer(broken)))
                .isInstanceOf(WalFormatException.class);
        store().writer().abandon();
        receive(store(), wal.bytes());

        // Then
        awaitFlushed(store(), wal.lsn());
        assertThat(store().acknowledgeable()).isEqualTo(wal.lsn());
    }

    @Test
    void receivingGoesOnThoughTheSegmentBeforeHasRotted() throws Exception {
        // Given
        wal.record(SEGMENT - 20_000);
        wal.record(100_000);
        wal.record(500);
        Lsn end = wal.lsn();
        receive(store(), part(START, end));
        awaitFlushed(store(), end);
        wal.record(60_000);
        restart();
        Path older = directory.resolve("pg_wal").resolve("0000000100000001000007FF");
        byte[] rotten = Files.readAllBytes(older);
        rotten[5000] ^= 1;
        Files.write(older, rotten);

        // When
        receive(store(), part(end, wal.lsn()));
        awaitFlushed(store(), wal.lsn());

        // Then
        assertThat(store().acknowledgeable()).isEqualTo(wal.lsn());
    }

    @Test
    void whatWasAcknowledgedIsWrittenDownAtTheStopAndNowAndThen() throws Exception {
        // Given
        wal.record(3000);
        Lsn first = wal.lsn();
        receive(store(), wal.bytes());
        awaitFlushed(store(), first);

        // When
        store().lookAfter();
        Optional<Lsn> now = Acknowledged.read(storage, directory, FIRST);
        wal.record(3000);
        receive(store(), part(first, wal.lsn()));
        store().close();

        // Then
        assertThat(now).contains(first);
        assertThat(Acknowledged.read(storage, directory, FIRST)).contains(wal.lsn());
    }
}
