package io.walrelay.proxy.walsender;

import io.walrelay.proxy.slot.Xmins;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;

/** The walsenders that there are, in the order in which their sessions began. Any thread. */
public final class SenderRegistry {
    private volatile List<SenderEntry> entries = List.of();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final LongAdder sentBytes = new LongAdder();
    private volatile Limit limit = (entry, available) -> available;

    /** Up to where a sender may send, of WAL that is here up to a position. The positions are the values of LSNs. */
    @FunctionalInterface
    public interface Limit {
        /** Up to where this one may send. */
        long of(SenderEntry entry, long available);
    }

    /** A session has begun. */
    public SenderEntry add(SenderClient client) {
        SenderEntry entry = new SenderEntry(client, this);
        synchronized (this) {
            List<SenderEntry> more = new ArrayList<>(entries);
            more.add(entry);
            entries = List.copyOf(more);
        }
        return entry;
    }

    /** A session is over. */
    public void remove(SenderEntry entry) {
        if (isRemoved(entry)) {
            changed();
        }
    }

    private synchronized boolean isRemoved(SenderEntry entry) {
        List<SenderEntry> fewer = new ArrayList<>(entries);
        boolean removed = fewer.remove(entry);
        entries = List.copyOf(fewer);
        return removed;
    }

    /** What the clients that stream without a slot need, joined to the oldest. */
    public Xmins xmins() {
        return entries.stream().map(SenderEntry::xmins).reduce(Xmins.NONE, Xmins::join);
    }

    void countSent(long bytes) {
        sentBytes.add(bytes);
    }

    /** How much WAL has been sent, to all clients together, in bytes. */
    public long sentBytes() {
        return sentBytes.sum();
    }

    /** Those there are now: a list that does not change, and the same one until one comes or goes. */
    List<SenderEntry> entries() {
        return entries;
    }

    /**
     * Has {@code listener} told when one of them has come, gone, changed its state or reported; on whatever thread that
     * is.
     */
    void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /** Has {@code limit} say up to where a sender may send. */
    public void limitBy(Limit limit) {
        this.limit = limit;
    }

    long limit(SenderEntry entry, long available) {
        return limit.of(entry, available);
    }

    void changed() {
        listeners.forEach(Runnable::run);
    }
}
