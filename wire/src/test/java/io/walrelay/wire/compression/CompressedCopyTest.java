package io.walrelay.wire.compression;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.Severity;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.BackendMessage;
import io.walrelay.wire.message.ErrorFields;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CompressedCopyTest {
    private static final BackendMessage BEGUN = new BackendMessage.CopyBothResponse();
    private static final BackendMessage DONE = new BackendMessage.CopyDone();
    private static final BackendMessage COMPLETE = new BackendMessage.CommandComplete("COPY 0");
    private static final String BROKEN = "08P01 invalid compressed data received from upstream server: ";

    private static String shown(byte[] bytes) {
        return Client.shown(bytes);
    }

    @Test
    void givesTheMessagesOfACopyAsTheyAreHoweverTheInputIsCut() {
        // Given
        byte[] wal = CompressedCopy.content(700, 1);
        byte[] keepalive = CompressedCopy.content(18, 2);
        byte[] wire;
        try (CompressedCopy server = new CompressedCopy()) {
            wire = server.begin()
                    .framed(wal)
                    .message(keepalive)
                    .flush()
                    .framed(keepalive)
                    .plain(DONE)
                    .message(keepalive)
                    .plain(COMPLETE)
                    .flush()
                    .wire();
        }
        for (int cut = 0; cut < wire.length; cut++) {
            try (Client client = new Client()) {
                // When
                client.receive(wire, 0, cut).receive(wire, cut, wire.length);
                // Then
                assertThat(client.seen)
                        .as("cut at %s", cut)
                        .containsExactly(
                                BEGUN,
                                shown(wal),
                                shown(keepalive),
                                shown(keepalive),
                                DONE,
                                shown(keepalive),
                                COMPLETE);
            }
        }
    }

    @Test
    void givesMessagesToTheirTakerInTheirOrderAmongOthersHoweverTheInputIsCut() {
        // Given
        byte[] wal = CompressedCopy.content(700, 1);
        byte[] keepalive = CompressedCopy.content(18, 2);
        BackendMessage status = new BackendMessage.ParameterStatus("in_hot_standby", "off");
        byte[] wire;
        try (CompressedCopy server = new CompressedCopy()) {
            wire = server.begin()
                    .framed(wal)
                    .flush()
                    .plain(status)
                    .framed(keepalive)
                    .plain(DONE)
                    .plain(COMPLETE)
                    .flush()
                    .wire();
        }
        for (int cut = 0; cut < wire.length; cut++) {
            try (Client client = new Client()) {
                client.decompressor.giveCopyDataTo((received, index, length) ->
                        client.seen.add("taken " + shown(ByteBufUtil.getBytes(received, index, length))));
                // When
                client.receive(wire, 0, cut).receive(wire, cut, wire.length);
                // Then
                assertThat(client.seen)
                        .as("cut at %s", cut)
                        .containsExactly(
                                BEGUN, "taken " + shown(wal), status, "taken " + shown(keepalive), DONE, COMPLETE);
            }
        }
    }

    @Test
    void leavesWhatATakerRetainsAsItIs() {
        // Given
        List<ByteBuf> retained = new ArrayList<>();
        try (CompressedCopy server = new CompressedCopy();
                Client client = new Client()) {
            client.decompressor.giveCopyDataTo(
                    (received, index, length) -> retained.add(received.retainedSlice(index, length)));
            // When
            client.receive(server.begin().flush().wire());
            for (int i = 0; i < 40; i++) {
                client.receive(
                        server.framed(CompressedCopy.content(50_000, i)).flush().wire());
                client.letOthersHaveTheirTurns();
            }
            // Then
            assertThat(retained).hasSize(40);
            for (int i = 0; i < 40; i++) {
                assertThat(ByteBufUtil.getBytes(retained.get(i))).isEqualTo(CompressedCopy.content(50_000, i));
                retained.get(i).release();
            }
        }
    }

    @Test
    void aTakerThatFailsIsToldAndGivenNoMore() {
        // Given what is given out in several turns
        byte[] zeros = new byte[64 << 10];
        try (CompressedCopy server = new CompressedCopy();
                Client client = new Client()) {
            server.begin();
            for (int i = 0; i < 40; i++) {
                server.framed(zeros).flush();
            }
            client.decompressor.giveCopyDataTo((received, index, length) -> {
                client.seen.add(length);
                if (client.seen.size() == 30) {
                    throw new IllegalStateException("a defect");
                }
            });
            client.channel.freezeTime();
            client.receive(server.wire());
            assertThat(client.seen).hasSizeLessThan(30);
            // When
            client.letOthersHaveTheirTurns();
            // Then
            assertThat(client.seen).hasSize(31).last().isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void givesEachMessageAsSoonAsItsBytesAreHere() {
        // Given
        try (CompressedCopy server = new CompressedCopy();
                Client client = new Client()) {
            client.receive(server.begin().flush().wire());
            for (int i = 0; i < 200; i++) {
                byte[] wal = CompressedCopy.content(1 + i * 7, i);
                // When
                client.receive(server.framed(wal).flush().wire());
                // Then
                assertThat(client.seen.getLast()).isEqualTo(shown(wal));
            }
        }
    }

    @Test
    void saysLessThanItIsGivenAndCountsBoth() {
        // Given
        byte[] wal = CompressedCopy.content(100_000, 3);
        try (CompressedCopy server = new CompressedCopy(OptionalInt.of(3));
                Client client = new Client()) {
            // When
            byte[] wire =
                    server.begin().framed(wal).framed(wal).plain(DONE).flush().wire();
            client.receive(wire);
            // Then
            assertThat(client.seen).containsExactly(BEGUN, shown(wal), shown(wal), DONE);
            CompressionStatistics.Figures sent = server.compressor.figures();
            CompressionStatistics.Figures received = client.decompressor.figures();
            assertThat(sent.level()).isEqualTo(3);
            assertThat(sent.rawBytes()).isEqualTo(2L * (wal.length + 5)).isEqualTo(received.rawBytes());
            assertThat(sent.wireBytes()).isLessThan(wal.length).isEqualTo(received.wireBytes());
            assertThat(wire.length - sent.wireBytes())
                    .as("CopyBothResponse and CopyDone")
                    .isEqualTo(8 + 5);
            assertThat(sent.nanos()).isPositive();
            assertThat(received.nanos()).isPositive();
        }
    }

    @Test
    void beginsAnewWithEachCopyOfAConnection() {
        // Given
        byte[] wal = CompressedCopy.content(5000, 4);
        try (CompressedCopy server = new CompressedCopy();
                Client client = new Client()) {
            for (int i = 0; i < 3; i++) {
                client.seen.clear();
                // When
                client.receive(server.begin()
                        .framed(wal)
                        .plain(DONE)
                        .plain(COMPLETE)
                        .flush()
                        .wire());
                // Then
                assertThat(client.seen).containsExactly(BEGUN, shown(wal), DONE, COMPLETE);
            }
        }
    }

    @Test
    void passesWhatMayComeAtAnyTimeOnWithoutEndingTheCopy() {
        // Given
        byte[] wal = CompressedCopy.content(5000, 4);
        BackendMessage status = new BackendMessage.ParameterStatus("in_hot_standby", "off");
        try (CompressedCopy server = new CompressedCopy();
                Client client = new Client()) {
            // When
            client.receive(server.begin()
                    .framed(wal)
                    .flush()
                    .plain(status)
                    .framed(wal)
                    .plain(DONE)
                    .flush()
                    .wire());
            // Then
            assertThat(client.seen).containsExactly(BEGUN, shown(wal), status, shown(wal), DONE);
        }
    }

    @Test
    void passesAnErrorOnThatBreaksTheCopyOff() {
        // Given
        byte[] wal = CompressedCopy.content(5000, 4);
        BackendMessage error = new BackendMessage.ErrorResponse(
                ErrorFields.of(Severity.ERROR, SqlState.UNDEFINED_FILE, "requested WAL segment has been removed"));
        try (CompressedCopy server = new CompressedCopy();
                Client client = new Client()) {
            // When
            client.receive(server.begin()
                    .framed(wal)
                    .plain(error)
                    .plain(BackendMessage.ReadyForQuery.IDLE)
                    .flush()
                    .wire());
            // Then
            assertThat(client.seen)
                    .usingRecursiveComparison()
                    .isEqualTo(List.of(BEGUN, shown(wal), error, BackendMessage.ReadyForQuery.IDLE));
        }
    }

    @Test
    void anEndInTheMiddleOfTheStreamIsAProtocolViolation() {
        // Given
        byte[] wal = CompressedCopy.content(5000, 4);
        try (CompressedCopy server = new CompressedCopy();
                Client client = new Client()) {
            // When
            client.receive(server.begin().framed(wal).flush().wire());
            client.receive(new byte[] {'c', 0, 0, 0, 4});
            // Then
            assertThat(client.seen)
                    .containsExactly(BEGUN, shown(wal), "08P01 unexpected end of compressed data from upstream server");
        }
    }

    @Test
    void dataThatIsNotCompressedIsAProtocolViolation() {
        // Given
        try (Client client = new Client()) {
            // When
            client.receive(new byte[] {'W', 0, 0, 0, 7, 0, 0, 0});
            client.receive(new byte[] {'d', 0, 0, 0, 12, 'w', 0, 0, 0, 0, 0, 0, 0});
            client.receive(new byte[] {'d', 0, 0, 0, 5, 'w'});
            // Then
            assertThat(client.seen).containsExactly(BEGUN, BROKEN + "Unknown frame descriptor");
        }
    }

    /**
     * Whatever happens to the bytes, what comes out is right, or is refused: with a failure, or by the checks behind.
     */
    @Test
    void damagedStreamsFailInPostgresqlsTermsOrNotAtAll() {
        byte[] wire;
        try (CompressedCopy server = new CompressedCopy()) {
            wire = server.begin()
                    .framed(CompressedCopy.content(3000, 5))
                    .flush()
                    .framed(CompressedCopy.content(300, 6))
                    .plain(DONE)
                    .flush()
                    .wire();
        }
        for (long seed = 0; seed < 3000; seed++) {
            // Given
            Random random = new Random(seed);
            byte[] damaged = wire.clone();
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                damaged[9 + random.nextInt(damaged.length - 9)] ^= (byte) (1 << random.nextInt(8));
            }
            // When
            try (Client client = new Client()) {
                client.receive(damaged);
                // Then
                assertThat(client.seen)
                        .as("seed %s", seed)
                        .noneMatch(event -> event instanceof Throwable && !(event instanceof PgException));
            }
        }
    }

    @Test
    void endsOfAConnectionAndFailuresComeBehindWhatCameBefore() {
        // Given
        byte[] zeros = new byte[64 << 10];
        try (CompressedCopy server = new CompressedCopy();
                Client client = new Client()) {
            server.begin();
            for (int i = 0; i < 40; i++) {
                server.framed(zeros).flush();
            }
            client.channel.freezeTime();
            client.receive(server.wire());
            assertThat(client.seen).hasSizeLessThan(41);
            // When
            client.channel.pipeline().fireExceptionCaught(PgException.protocolViolation("torn"));
            client.channel.pipeline().fireChannelInactive();
            client.letOthersHaveTheirTurns();
            // Then
            assertThat(client.seen).hasSize(43).endsWith(shown(zeros), "08P01 torn", "inactive");
        }
    }
}
