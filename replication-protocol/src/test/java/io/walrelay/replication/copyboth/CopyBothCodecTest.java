package io.walrelay.replication.copyboth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.copyboth.StandbyMessage.HotStandbyFeedback;
import io.walrelay.replication.copyboth.StandbyMessage.StatusUpdate;
import io.walrelay.replication.copyboth.WalSenderMessage.PrimaryKeepalive;
import io.walrelay.replication.copyboth.WalSenderMessage.XLogData;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CopyBothCodecTest {
    private static final Lsn HIGH = Lsn.parse("FFFFFFFF/FFFFFFFF");
    private static final String STATUS =
            "72" + "0000000180000000" + "0000000000000002" + "ffffffffffffffff" + "fffffffffffffffe" + "02";

    @Test
    void readsXLogDataWithoutCopyingTheWal() {
        // Given
        ByteBuf payload = hex("77" + "0000000180000000" + "0000000180000003" + "000000000000002a" + "abcdef");

        // When
        XLogData data = (XLogData) WalSenderMessageCodec.decode(payload);

        // Then
        assertThat(data.start()).isEqualTo(Lsn.parse("1/80000000"));
        assertThat(data.walEnd()).isEqualTo(Lsn.parse("1/80000003"));
        assertThat(data.end()).isEqualTo(Lsn.parse("1/80000003"));
        assertThat(data.sendTime()).isEqualTo(42);
        assertThat(ByteBufUtil.hexDump(data.data())).isEqualTo("abcdef");
        assertThat(data.data().unwrap()).isSameAs(payload);
        assertThat(payload.isReadable()).isFalse();
        assertThat(payload.refCnt()).isEqualTo(1);
    }

    @Test
    void readsWhatItWroteWhenXLogDataIsEmpty() {
        ByteBuf out = Unpooled.buffer();
        WalSenderMessageCodec.writeXLogDataHeader(out, HIGH, HIGH, -1);
        assertThat(out.readableBytes()).isEqualTo(WalSenderMessageCodec.XLOG_DATA_HEADER);

        XLogData data = (XLogData) WalSenderMessageCodec.decode(out);

        assertThat(data.start()).isEqualTo(HIGH);
        assertThat(data.data().readableBytes()).isZero();
    }

    @Test
    void readsKeepaliveItWrote() {
        ByteBuf out = Unpooled.buffer();
        WalSenderMessageCodec.writeKeepalive(out, HIGH, -5, true);
        assertThat(ByteBufUtil.hexDump(out)).isEqualTo("6b" + "ffffffffffffffff" + "fffffffffffffffb" + "01");

        assertThat(WalSenderMessageCodec.decode(out)).isEqualTo(new PrimaryKeepalive(HIGH, -5, true));
    }

    @Test
    void refusesMessagesOfWalSenderInWordsOfWalReceiver() {
        refusedFromWalSender("77" + "00".repeat(23), "invalid WAL message received from primary");
        refusedFromWalSender("6b" + "00".repeat(16), "invalid keepalive message received from primary");
        refusedFromWalSender("6b" + "00".repeat(18), "invalid keepalive message received from primary");
        refusedFromWalSender("73", "invalid replication message type 115");
        refusedFromWalSender("", "no data left in message");
    }

    @Test
    void readsStatusUpdateAndTakesAnyByteForReplyRequested() {
        StandbyMessage message = StandbyMessageCodec.decode(hex(STATUS));

        assertThat(message).isEqualTo(new StatusUpdate(Lsn.parse("1/80000000"), Lsn.parse("0/2"), HIGH, -2, true));
    }

    @Test
    void ignoresBytesBehindStandbyMessage() {
        ByteBuf payload = hex(STATUS + "0102");

        StandbyMessage message = StandbyMessageCodec.decode(payload);

        assertThat(message).isInstanceOf(StatusUpdate.class);
        assertThat(payload.isReadable()).isFalse();
    }

    @Test
    void readsStandbyMessagesItWrote() {
        for (StandbyMessage message : new StandbyMessage[] {
            new StatusUpdate(HIGH, Lsn.INVALID, HIGH, Long.MIN_VALUE, false), new HotStandbyFeedback(7, -1, 2, 3, -4)
        }) {
            ByteBuf out = Unpooled.buffer();
            StandbyMessageCodec.write(out, message);

            assertThat(StandbyMessageCodec.decode(out)).isEqualTo(message);
        }
    }

    @Test
    void readsAStandbyMessageWhereItLies() {
        // Given
        List<StandbyMessage> seen = new ArrayList<>();
        StandbyMessageCodec.Reader reader = new StandbyMessageCodec.Reader() {
            @Override
            public void statusUpdate(long write, long flush, long apply, long clientTime, boolean replyRequested) {
                seen.add(new StatusUpdate(new Lsn(write), new Lsn(flush), new Lsn(apply), clientTime, replyRequested));
            }

            @Override
            public void hotStandbyFeedback(
                    long clientTime, int xmin, int xminEpoch, int catalogXmin, int catalogXminEpoch) {
                seen.add(new HotStandbyFeedback(clientTime, xmin, xminEpoch, catalogXmin, catalogXminEpoch));
            }
        };
        StatusUpdate status = new StatusUpdate(HIGH, Lsn.INVALID, Lsn.parse("1/2"), Long.MIN_VALUE, true);
        HotStandbyFeedback feedback = new HotStandbyFeedback(7, -1, 2, 3, -4);
        ByteBuf received = Unpooled.buffer().writeShort(0xABCD);
        StandbyMessageCodec.write(received, status);
        StandbyMessageCodec.write(received, feedback);
        received.writeLong(-1);

        // When
        StandbyMessageCodec.read(received, 2, StandbyMessageCodec.STATUS_UPDATE_LENGTH, reader);
        StandbyMessageCodec.read(
                received,
                2 + StandbyMessageCodec.STATUS_UPDATE_LENGTH,
                StandbyMessageCodec.HOT_STANDBY_FEEDBACK_LENGTH,
                reader);

        // Then
        assertThat(seen).containsExactly(status, feedback);
        assertThat(received.readerIndex()).isZero();
    }

    @Test
    void readsNothingBehindAStandbyMessageThatIsCut() {
        // Given
        ByteBuf received = hex(STATUS + "00");

        // When, then
        assertThatExceptionOfType(CopyBothException.class)
                .isThrownBy(() -> StandbyMessageCodec.read(
                        received, 0, StandbyMessageCodec.STATUS_UPDATE_LENGTH - 1, new NoReader()))
                .withMessage("no data left in message");
    }

    /** Is told nothing. */
    private static final class NoReader implements StandbyMessageCodec.Reader {
        @Override
        public void statusUpdate(long write, long flush, long apply, long clientTime, boolean replyRequested) {
            throw new AssertionError("a status update");
        }

        @Override
        public void hotStandbyFeedback(
                long clientTime, int xmin, int xminEpoch, int catalogXmin, int catalogXminEpoch) {
            throw new AssertionError("a feedback");
        }
    }

    @Test
    void refusesStandbyMessageWhereverItIsCut() {
        // Given
        String feedback = "68" + "00".repeat(24);

        // When, then
        for (int length = 1; length < 33; length++) {
            refusedFromStandby(STATUS.substring(0, 2 * length), "insufficient data left in message", true);
        }
        refusedFromStandby(STATUS.substring(0, 66), "no data left in message", true);
        for (int length = 1; length < 25; length++) {
            refusedFromStandby(feedback.substring(0, 2 * length), "insufficient data left in message", true);
        }
        refusedFromStandby("", "no data left in message", true);
    }

    @Test
    void refusesUnknownStandbyMessageWithoutTellingThePeer() {
        refusedFromStandby("70" + "00".repeat(8), "unexpected message type \"p\"", false);
    }

    private static void refusedFromWalSender(String payload, String message) {
        assertThatExceptionOfType(CopyBothException.class)
                .isThrownBy(() -> WalSenderMessageCodec.decode(hex(payload)))
                .withMessage(message)
                .satisfies(e -> assertThat(e.sqlState()).isEqualTo("08P01"));
    }

    private static void refusedFromStandby(String payload, String message, boolean reported) {
        assertThatExceptionOfType(CopyBothException.class)
                .isThrownBy(() -> StandbyMessageCodec.decode(hex(payload)))
                .withMessage(message)
                .satisfies(e -> assertThat(e.reportedToPeer()).isEqualTo(reported))
                .satisfies(e -> assertThat(e.sqlState()).isEqualTo("08P01"));
    }

    private static ByteBuf hex(String bytes) {
        return Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(bytes));
    }
}
