package io.walrelay.bench.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class ProcessCpuTest {
    private static final long SELF = ProcessHandle.current().pid();

    @Test
    void aProcessThatWorksUsesCpu() throws IOException {
        // Given
        double before = ProcessCpu.of(SELF);

        // When
        long end = System.nanoTime() + 200_000_000;
        long count = 0;
        while (System.nanoTime() < end) {
            count++;
        }

        // Then
        assertThat(count).isPositive();
        assertThat(ProcessCpu.of(SELF)).isGreaterThanOrEqualTo(before + 0.01);
    }

    @Test
    void aMillisecondOfWorkIsSeen() throws IOException {
        // Given
        assumeThat(ProcessCpu.precision()).contains("nanoseconds");
        double before = ProcessCpu.of(SELF);

        // When
        long end = System.nanoTime() + 3_000_000;
        long count = 0;
        while (System.nanoTime() < end) {
            count++;
        }

        // Then
        assertThat(count).isPositive();
        assertThat(ProcessCpu.of(SELF) - before).isGreaterThan(0.0);
        assertThat(ProcessCpu.of(SELF) * 100 % 1).isNotZero();
    }

    @Test
    void theClockOfAnotherProcessIsReadToo() throws Exception {
        // Given
        Process child =
                new ProcessBuilder("sh", "-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; read wait").start();
        try {
            // When
            double used = 0;
            while (used < 0.001) {
                assertThat(child.isAlive()).isTrue();
                used = ProcessCpu.of(child.pid());
            }

            // Then
            assertThat(ProcessCpu.ofChildren(SELF, "sh")).isPositive();
        } finally {
            child.destroy();
        }
    }

    @Test
    void whatChildrenHaveUsedThatEndedIsCounted() throws Exception {
        // Given
        double own = ProcessCpu.of(SELF);
        double before = ProcessCpu.ofTree(SELF);

        // When
        int status = new ProcessBuilder("sh", "-c", "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done")
                .start()
                .waitFor();

        // Then
        assertThat(status).isZero();
        assertThat(ProcessCpu.ofTree(SELF) - before).isGreaterThan(ProcessCpu.of(SELF) - own);
    }
}
