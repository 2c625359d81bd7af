package io.walrelay.proxy.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SlotStateTest {
    private static final SlotState STATE =
            new SlotState(Lsn.parse("FFFFFFFF/80000001"), Optional.of(SlotInvalidation.WAL_REMOVED));

    @Test
    void whatWasWrittenIsRead() throws Exception {
        assertThat(SlotState.decode(STATE.encode())).isEqualTo(STATE);
        assertThat(SlotState.decode(new SlotState(Lsn.INVALID, Optional.empty()).encode())
                        .restartLsn())
                .isEqualTo(Lsn.INVALID);
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
}
