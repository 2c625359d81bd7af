package io.walrelay.proxy.walsender;

import io.netty.channel.EventLoop;
import io.walrelay.proxy.config.WalSendAfter;
import io.walrelay.proxy.transport.ThreadTitle;
import io.walrelay.proxy.wal.WalStore;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Wakes the walsenders when there is more to send: one task for each event loop, however many senders it has and
 * however many times the position has moved before the loop comes to it. A wake-up makes no garbage.
 */
public final class SenderWakeups {
    private final WalStore wal;
    private final Map<EventLoop, LoopSenders> loops = new ConcurrentHashMap<>();

    /** The same, to be gone through without an object that knows how far one has come. */
    private final List<LoopSenders> all = new CopyOnWriteArrayList<>();

    /**
     * Wakes for one store.
     *
     * @param sendAfter which of the store's positions senders follow, at each moment
     */
    public SenderWakeups(WalStore wal, Supplier<WalSendAfter> sendAfter) {
        this.wal = wal;
        wal.onWritten(() -> {
            if (sendAfter.get() == WalSendAfter.WRITE) {
                wake();
            }
        });
        wal.integrity().onChange(this::wake);
        wal.warm().onLoaded(this::wake);
        wal.onFlushed(() -> {
            if (sendAfter.get() == WalSendAfter.FLUSH) {
                wake();
            }
        });
    }

    /** Wakes all of them; any thread. */
    public void wake() {
        all.forEach(LoopSenders::wake);
    }

    /**
     * Has each loop's thread carry the names of its walsenders, as PostgreSQL's processes do in {@code ps}. Any thread.
     */
    public void nameThreads() {
        all.forEach(LoopSenders::nameThread);
    }

    /** Begins to wake a sender. On the sender's loop. */
    void add(EventLoop loop, WalSender sender) {
        of(loop).add(sender);
    }

    /** Wakes a sender no more. On the sender's loop. */
    void remove(EventLoop loop, WalSender sender) {
        LoopSenders group = loops.get(loop);
        if (group != null) {
            group.remove(sender);
        }
    }

    /** What the senders of a loop share. On that loop. */
    SharedReads reads(EventLoop loop) {
        return of(loop).reads;
    }

    private LoopSenders of(EventLoop loop) {
        return loops.computeIfAbsent(loop, absent -> {
            LoopSenders senders = new LoopSenders(absent, wal);
            all.add(senders);
            return senders;
        });
    }

    /** The senders of one loop; the set belongs to the loop. */
    private static final class LoopSenders {
        private final EventLoop loop;
        private final Set<WalSender> senders = new LinkedHashSet<>();

        /** The same, made anew when one has come or gone: a sender may end while it sends, and leave the set. */
        private WalSender[] inOrder = {};

        private final AtomicBoolean scheduled = new AtomicBoolean();
        private final Runnable task = this::run;
        private final ThreadTitle title;
        private final SharedReads reads;

        LoopSenders(EventLoop loop, WalStore wal) {
            this.loop = loop;
            this.reads = new SharedReads(loop, wal, System::nanoTime);
            this.title = new ThreadTitle(loop);
        }

        void add(WalSender sender) {
            senders.add(sender);
            changed();
        }

        void remove(WalSender sender) {
            senders.remove(sender);
            changed();
        }

        private void changed() {
            inOrder = senders.toArray(WalSender[]::new);
            reads.senders(inOrder.length);
        }

        void nameThread() {
            loop.execute(() ->
                    title.show(senders.stream().map(WalSender::title).sorted().collect(Collectors.joining("; "))));
        }

        void wake() {
            if (!scheduled.get() && scheduled.compareAndSet(false, true)) {
                loop.execute(task);
            }
        }

        private void run() {
            scheduled.set(false);
            for (WalSender sender : inOrder) {
                sender.wakeUp();
            }
        }
    }
}
