package io.walrelay.proxy.walreceiver;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.walrelay.proxy.syncrep.StandbyPositions;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.copyboth.CopyBothException;
import io.walrelay.replication.copyboth.StandbyMessage.StatusUpdate;
import io.walrelay.replication.copyboth.StandbyMessageCodec;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class StandbyReportsTest {
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private long position = 100;
    private int asked;

    @Test
    void whatIsReportedIsOfOneMoment() throws Exception {
        // Given: positions that move at each look
        StandbyReports reports = reports(reader -> at(reader, ++position));

        // When
        reports.begin();
        reports.reportIfMoved();
        reports.report(true);

        // Then
        assertThat(sent()).hasSize(3).allSatisfy(update -> {
            assertThat(update.flush()).isEqualTo(update.write());
            assertThat(update.apply()).isEqualTo(update.write());
        });
        assertThat(asked).isEqualTo(3);
    }

    @Test
    void nothingIsSaidWhileNothingHasMoved() throws Exception {
        // Given
        StandbyReports reports = reports(reader -> at(reader, position));
        reports.begin();
        sent();

        // When
        for (int i = 0; i < 10; i++) {
            reports.reportIfMoved();
        }

        // Then
        assertThat(sent()).isEmpty();

        // When
        position++;
        reports.reportIfMoved();
        reports.reportIfMoved();

        // Then
        assertThat(sent()).hasSize(1);
    }

    @Test
    void eachPositionAloneIsReasonEnoughToReport() throws Exception {
        // Given
        List<StandbyPositions> next = new ArrayList<>();
        next.add(new StandbyPositions(new Lsn(8), new Lsn(8), new Lsn(8)));
        StandbyReports reports = reports(reader -> {
            StandbyPositions last = next.getLast();
            reader.positions(
                    last.write().value(), last.flush().value(), last.apply().value());
        });
        reports.begin();
        sent();

        for (StandbyPositions moved : List.of(
                new StandbyPositions(new Lsn(9), new Lsn(8), new Lsn(8)),
                new StandbyPositions(new Lsn(9), new Lsn(9), new Lsn(8)),
                new StandbyPositions(new Lsn(9), new Lsn(9), new Lsn(9)))) {
            // When
            next.add(moved);
            reports.reportIfMoved();

            // Then
            assertThat(sent())
                    .singleElement()
                    .satisfies(
                            update -> assertThat(new StandbyPositions(update.write(), update.flush(), update.apply()))
                                    .isEqualTo(moved));
        }
    }

    private StandbyReports reports(ReportedPositions positions) {
        return new StandbyReports(
                channel,
                reader -> {
                    asked++;
                    positions.tell(reader);
                },
                () -> StandbyXmins.NONE,
                () -> 0);
    }

    private static void at(StandbyPositions.Reader reader, long position) {
        reader.positions(position, position, position);
    }

    /** The status updates that were sent since the last look. */
    private List<StatusUpdate> sent() throws CopyBothException {
        List<StatusUpdate> updates = new ArrayList<>();
        for (ByteBuf message = channel.readOutbound(); message != null; message = channel.readOutbound()) {
            assertThat(message.readByte()).isEqualTo((byte) 'd');
            assertThat(message.readInt()).isEqualTo(4 + message.readableBytes());
            if (StandbyMessageCodec.decode(message) instanceof StatusUpdate update) {
                updates.add(update);
            }
            message.release();
        }
        return updates;
    }
}
