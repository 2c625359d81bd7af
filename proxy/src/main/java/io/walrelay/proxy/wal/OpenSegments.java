package io.walrelay.proxy.wal;

import io.walrelay.proxy.storage.StoredFile;
import io.walrelay.replication.WalFileName;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which segments somebody has open, so that no file is written over that a client is still being sent from. A segment
 * counts from before its file is looked up: one that is not open after it has lost its name can no longer be opened.
 */
final class OpenSegments {
    private final Map<WalFileName, Integer> users = new ConcurrentHashMap<>();

    /** Opens a file. */
    @FunctionalInterface
    interface Opening {
        StoredFile open() throws IOException;
    }

    /** Opens a segment; it counts until its last reference is released. */
    WalSegment open(WalFileName name, Opening opening) throws IOException {
        users.merge(name, 1, Integer::sum);
        boolean open = false;
        try {
            WalSegment segment = new WalSegment(name, opening.open(), () -> closed(name));
            open = true;
            return segment;
        } finally {
            if (!open) {
                closed(name);
            }
        }
    }

    private void closed(WalFileName name) {
        users.computeIfPresent(name, (same, count) -> count == 1 ? null : count - 1);
    }

    boolean isOpen(WalFileName name) {
        return users.containsKey(name);
    }
}
