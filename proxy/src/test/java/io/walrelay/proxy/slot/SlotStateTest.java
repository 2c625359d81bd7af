package io.walrelay.proxy.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

final class SlotStateTest {
    private static final SlotState STATE = new SlotState(
            Lsn.parse("FFFFFFFF/80000001"), Optional.of(SlotInvalidation.WAL_REMOVED), new Xmins(1L << 32 | 7, 9));

    @Test
    void whatWasWrittenIsRead() throws Exception {
        assertThat(SlotState.decode(STATE.encode())).isEqualTo(STATE);
        assertThat(SlotState.decode(SlotState.EMPTY.encode()).restartLsn()).isEqualTo(Lsn.INVALID);
    }

    @Test
    void everyDamagedByteIsNoticed() {
        byte[] good = STATE.encode();
        for (int i = 0; i < good.length; i++) {
            // Given
            byte[] bad = good.clone();
            bad[i] ^= 0x10;

            // When, Then
            assertThatThrownBy(() -> SlotState.decode(bad)).as("byte %s", i).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aFileOfAnotherLengthIsDamaged() {
        byte[] good = STATE.encode();
        for (int length : new int[] {0, good.length - 1, good.length + 1}) {
            assertThatThrownBy(() -> SlotState.decode(Arrays.copyOf(good, length)))
                    .isInstanceOf(IOException.class)
                    .hasMessage("wrong length " + length);
        }
    }

    @Test
    void aSlotOfTheFirstVersionIsReadWithoutXmins() throws Exception {
        // Given: magic, version 1, restart_lsn, no invalidation, CRC
        ByteBuffer first = ByteBuffer.allocate(24)
                .putInt(0x5752534C)
                .putInt(1)
                .putLong(0x3000000)
                .putInt(0);
        CRC32C crc = new CRC32C();
        crc.update(first.array(), 0, 20);
        first.putInt((int) crc.getValue());

        // When / Then
        assertThat(SlotState.decode(first.array()))
                .isEqualTo(new SlotState(new Lsn(0x3000000), Optional.empty(), Xmins.NONE));
    }
}
