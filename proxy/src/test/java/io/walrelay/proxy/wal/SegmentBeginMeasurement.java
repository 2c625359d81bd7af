package io.walrelay.proxy.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.proxy.storage.LocalStorage;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.WalSegmentSize;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * What it costs to begin a segment, on the upstream's loop and until the first flush in it: with a file made ready, and
 * without. {@code -Dtest=SegmentBeginMeasurement -Dwalrelay.measure=DIRECTORY} prints it, for the file system of that
 * directory.
 */
@EnabledIfSystemProperty(named = "walrelay.measure", matches = ".+")
final class SegmentBeginMeasurement {
    private static final WalSegmentSize SIZE = WalSegmentSize.DEFAULT;
    private static final int SEGMENTS = 60;
    private static final int WARM_UP = 10;
    private static final int COMMIT = 8192;

    @Test
    void aFileMadeReadyAgainstOneMadeWhenItIsNeeded() throws IOException {
        Path base = Files.createTempDirectory(Path.of(System.getProperty("walrelay.measure")), "measure");
        // Then: nothing is claimed, but it is printed
        report("made when needed", run(base.resolve("a"), false));
        report("made ready before", run(base.resolve("b"), true));
        report("made when needed, again", run(base.resolve("c"), false));
        report("made ready before, again", run(base.resolve("d"), true));
        Files.delete(base);
    }

    private static final class Times {
        final long[] begin = new long[SEGMENTS];
        final long[] flush = new long[SEGMENTS];
    }

    private static Times run(Path path, boolean ready) throws IOException {
        LocalStorage storage = new LocalStorage();
        storage.createDirectories(path);
        WalDirectory directory = new WalDirectory(storage, path, SIZE);
        DiskGuard guard = new DiskGuard(storage, path, SIZE, () -> DiskGuard.Limits.NONE);
        Times times = new Times();
        ByteBuffer commit = ByteBuffer.allocateDirect(COMMIT);
        for (int i = 0; i < SEGMENTS; i++) {
            if (ready) {
                directory.spares().prepare(guard);
            }
            long start = System.nanoTime();
            WalSegment segment = directory.createPartial(new WalFileName(TimelineId.FIRST, i));
            long begun = System.nanoTime();
            segment.file().write(0, commit.clear());
            segment.file().sync();
            directory.sync();
            times.flush[i] = System.nanoTime() - begun;
            times.begin[i] = begun - start;
            fill(segment, commit);
            directory.complete(segment);
            segment.release();
            if (i >= 2) {
                directory.recycle(new WalDirectory.StoredSegment(new WalFileName(TimelineId.FIRST, i - 2), true));
                if (!ready) {
                    // As it was: what is removed is gone.
                    directory.spares().close();
                }
            }
        }
        directory.spares().close();
        for (String left : storage.list(path)) {
            storage.delete(path.resolve(left));
        }
        Files.delete(path);
        return times;
    }

    private static void fill(WalSegment segment, ByteBuffer commit) throws IOException {
        for (int at = COMMIT; at < SIZE.bytes(); at += COMMIT) {
            segment.file().write(at, commit.clear());
        }
        segment.file().sync();
    }

    private static void report(String what, Times times) {
        long[] begin = sorted(times.begin);
        long[] flush = sorted(times.flush);
        assertThat(begin).hasSize(SEGMENTS - WARM_UP);
        PrintStream out = System.out;
        out.printf(
                "%-26s begin a segment: median %.2f ms, worst %.2f ms; first flush in it: median %.2f ms, worst %.2f ms%n",
                what, middle(begin), worst(begin), middle(flush), worst(flush));
    }

    private static long[] sorted(long[] all) {
        long[] warm = Arrays.copyOfRange(all, WARM_UP, all.length);
        Arrays.sort(warm);
        return warm;
    }

    private static double middle(long[] nanos) {
        return nanos[nanos.length / 2] / 1e6;
    }

    private static double worst(long[] nanos) {
        return nanos[nanos.length - 1] / 1e6;
    }
}
