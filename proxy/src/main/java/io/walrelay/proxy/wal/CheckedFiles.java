package io.walrelay.proxy.wal;

import io.walrelay.proxy.storage.FileVersion;
import io.walrelay.replication.WalFileName;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The files that a check has read, as they were before it began. What was found holds for a file as long as nobody
 * writes to it or puts another into its place; whether somebody has is looked at when that is asked, but no more often
 * than each ten milliseconds, however many clients are being sent the segment. Any thread.
 */
final class CheckedFiles {
    private static final long LOOK_HOLDS = Duration.ofMillis(10).toNanos();

    private final WalDirectory directory;
    private final Map<WalFileName, Optional<FileVersion>> versions;
    private volatile long looked;

    /** @param looked when they were found to be these, by the clock of {@link #isStill} */
    CheckedFiles(WalDirectory directory, Map<WalFileName, Optional<FileVersion>> versions, long looked) {
        this.directory = directory;
        this.versions = versions;
        this.looked = looked;
    }

    /** Whether a segment's file is the one that was read, unchanged, but for the last ten milliseconds. */
    boolean isStill(WalFileName name, long now) {
        return now - looked < LOOK_HOLDS || found(isUnchanged(name), now);
    }

    /** The same, for all that was read. */
    boolean areStill(long now) {
        return now - looked < LOOK_HOLDS || found(areUnchanged(), now);
    }

    private boolean found(boolean same, long now) {
        if (same) {
            looked = now;
        }
        return same;
    }

    /** Whether a segment was read too, and its file is what it was then. */
    boolean cover(WalFileName name) {
        return versions.containsKey(name) && isUnchanged(name);
    }

    /** Whether no file that was read is another now. */
    boolean areUnchanged() {
        return versions.keySet().stream().allMatch(this::isUnchanged);
    }

    private boolean isUnchanged(WalFileName name) {
        Optional<FileVersion> before = versions.get(name);
        try {
            return before == null || directory.version(name).equals(before);
        } catch (IOException unknown) {
            // A check will tell what is wrong.
            return false;
        }
    }
}
