package io.walrelay.proxy.wal;

import io.walrelay.replication.WalFileName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which stretches of stored WAL are in the page cache, as far as anybody knows: what was read or loaded within the last
 * ten seconds. Others are loaded on the readers' threads, each once however many ask for it. Any thread may ask, and is
 * answered at once.
 */
public final class WarmWal {
    private static final Logger log = LoggerFactory.getLogger(WarmWal.class);

    /** So much is loaded at once, at most: a sender has no more than this and the next one ahead of it. */
    private static final int LONGEST = 4 << 20;

    /** The kernel may drop what was not used for longer. To load what is in memory takes a tenth of a millisecond. */
    private static final long HOLDS = Duration.ofSeconds(10).toNanos();

    private static final State LOADING = new State.Loading();
    private static final State AWAITED = new State.Awaited();

    private final WalDirectory directory;
    private final LongSupplier nanoTime;
    private final int length;
    private final Map<Stretch, State> states = new ConcurrentHashMap<>();
    private final List<Runnable> onLoaded = new CopyOnWriteArrayList<>();
    private volatile Executor readers = Runnable::run;

    WarmWal(WalDirectory directory, LongSupplier nanoTime) {
        this.directory = directory;
        this.nanoTime = nanoTime;
        this.length = Math.min(LONGEST, directory.segmentSize().bytes());
    }

    /** A part of a segment: that of this number, counted from 0, all being of {@link #length}. */
    public record Stretch(WalFileName file, int number) {}

    private sealed interface State {
        /** Somebody will want it. */
        record Loading() implements State {}

        /** Somebody waits for it. */
        record Awaited() implements State {}

        record Loaded(long since) implements State {}
    }

    /** Has files read there from now on; before, that is done where it is asked for. */
    void readOn(Executor threads) {
        readers = threads;
    }

    /** Has {@code listener} told, on any thread, when something that was asked for is there. It must not block. */
    public void onLoaded(Runnable listener) {
        onLoaded.add(listener);
    }

    /** The bytes of a stretch, a power of two. */
    public int length() {
        return length;
    }

    /** Whether a stretch is in memory; if nobody knows, begins to load it, and tells when that is done. */
    public boolean isLoaded(Stretch stretch) {
        // Until it is there, or somebody has taken note that it is waited for.
        for (State state = states.get(stretch); !(state instanceof State.Awaited); state = states.get(stretch)) {
            if (holds(state)) {
                return true;
            }
            if (state instanceof State.Loading) {
                states.replace(stretch, state, AWAITED);
            } else {
                begin(stretch, state);
            }
        }
        return false;
    }

    /** Has a stretch loaded before somebody waits for it, if nobody knows whether it is in memory. */
    public void loadAhead(Stretch stretch) {
        State state = states.get(stretch);
        if (state == null || (state instanceof State.Loaded && !holds(state))) {
            begin(stretch, state);
        }
    }

    private boolean holds(@Nullable State state) {
        return state instanceof State.Loaded loaded && nanoTime.getAsLong() - loaded.since() < HOLDS;
    }

    private void begin(Stretch stretch, @Nullable State before) {
        boolean mine = before == null
                ? states.putIfAbsent(stretch, LOADING) == null
                : states.replace(stretch, before, LOADING);
        if (mine) {
            readers.execute(() -> load(stretch));
        }
    }

    private void load(Stretch stretch) {
        try {
            WalSegment segment = directory.openToRead(stretch.file());
            try {
                segment.file().load((long) stretch.number() * length, length);
            } finally {
                segment.release();
            }
        } catch (IOException | UncheckedIOException unreadable) {
            // Who is to be sent it is told, if he cannot read it either.
            log.debug("could not load {}: {}", stretch, unreadable.getMessage());
        } finally {
            if (states.put(stretch, new State.Loaded(nanoTime.getAsLong())) instanceof State.Awaited) {
                onLoaded.forEach(Runnable::run);
            }
        }
    }

    /** A segment was read up to there, from its start. */
    void read(WalFileName file, int offset) {
        if (offset % length == 0) {
            states.merge(
                    new Stretch(file, offset / length - 1),
                    new State.Loaded(nanoTime.getAsLong()),
                    (before, read) -> before instanceof State.Awaited ? before : read);
        }
    }

    /** Forgets what was loaded so long ago that nothing is known of it. */
    void forgetCold() {
        states.values().removeIf(state -> state instanceof State.Loaded && !holds(state));
    }
}
