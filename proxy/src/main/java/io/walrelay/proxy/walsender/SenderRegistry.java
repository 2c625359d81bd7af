package io.walrelay.proxy.walsender;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The walsenders that there are, in the order in which their sessions began. Any thread. */
public final class SenderRegistry {
    private final List<SenderEntry> entries = new CopyOnWriteArrayList<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    /** A session has begun. */
    public SenderEntry add(SenderClient client) {
        SenderEntry entry = new SenderEntry(client, this::changed);
        entries.add(entry);
        return entry;
    }

    /** A session is over. */
    public void remove(SenderEntry entry) {
        if (entries.remove(entry)) {
            changed();
        }
    }

    /** Those there are now. */
    List<SenderEntry> entries() {
        return entries;
    }

    /** Has {@code listener} told when one of them has come, gone, changed its state or reported; on whatever thread that is. */
    void onChange(Runnable listener) {
        listeners.add(listener);
    }

    private void changed() {
        listeners.forEach(Runnable::run);
    }
}
