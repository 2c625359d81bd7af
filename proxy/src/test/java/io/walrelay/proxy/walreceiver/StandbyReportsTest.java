package io.walrelay.proxy.walreceiver;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.walrelay.proxy.syncrep.StandbyPositions;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.copyboth.CopyBothException;
import io.walrelay.replication.copyboth.StandbyMessage.StatusUpdate;
import io.walrelay.replication.copyboth.StandbyMessageCodec;
import io.walrelay.wire.message.FrontendMessage;
import java.time.Clock;
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
        StandbyReports reports = reports(() -> at(++position));

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
        StandbyReports reports = reports(() -> at(position));
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
        StandbyReports reports = reports(next::getLast);
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
                () -> {
                    asked++;
                    return positions.now();
                },
                () -> StandbyXmins.NONE,
                Clock.systemUTC());
    }

    private static StandbyPositions at(long position) {
        Lsn lsn = new Lsn(position);
        return new StandbyPositions(lsn, lsn, lsn);
    }

    /** The status updates that were sent since the last look. */
    private List<StatusUpdate> sent() throws CopyBothException {
        List<StatusUpdate> updates = new ArrayList<>();
        for (FrontendMessage.CopyData message = channel.readOutbound();
                message != null;
                message = channel.readOutbound()) {
            ByteBuf payload = message.data();
            if (StandbyMessageCodec.decode(payload) instanceof StatusUpdate update) {
                updates.add(update);
            }
            payload.release();
        }
        return updates;
    }
}
