package io.walrelay.bench.stage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * The memory that a measurement fills. A virtual machine may have given it back to its host: then the first who writes
 * to it pays for getting it again, as CPU of its own, three times what the writing costs, and it is chance who that is.
 */
final class FreeMemory {
    private static final int CHUNK = 1 << 20;

    private FreeMemory() {}

    /**
     * Has the machine hold that many free bytes, or half of those it has: they are written to, and given free again.
     */
    static void hold(long bytes) throws IOException {
        Optional<Place> memory = Place.memory();
        if (memory.isEmpty()) {
            return;
        }
        Path file = Files.createTempFile(memory.get().directory(), "walrelay-bench-", ".zeros");
        try (FileChannel zeros = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE)) {
            ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
            long most = Math.min(
                            ProcFile.bytes(Path.of("/proc/meminfo"), "MemAvailable"),
                            memory.get().room())
                    / 2;
            for (long left = Math.min(bytes, most); left > 0; left -= CHUNK) {
                zeros.write(chunk.clear());
            }
        }
    }
}
