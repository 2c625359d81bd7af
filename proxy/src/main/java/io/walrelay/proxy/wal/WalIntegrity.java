package io.walrelay.proxy.wal;

import io.walrelay.proxy.wal.WalDirectory.StoredSegment;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.wal.WalFormat;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the complete segments that are stored here hold what was received: each is checked before it is first served,
 * again when that was long ago, and now and then though nobody asks. What was checked on its way in counts as checked
 * when it was written. Any thread may ask, and is answered at once; the checks run on the readers' threads.
 */
public final class WalIntegrity {
    private static final Logger log = LoggerFactory.getLogger(WalIntegrity.class);

    /** For who serves a segment: the pages that were checked are in memory still, most likely. */
    private static final long HOLDS = Duration.ofMinutes(5).toNanos();

    /** For who looks after all that is stored. */
    private static final long HOLDS_UNREAD = Duration.ofDays(1).toNanos();

    private static final State CHECKING = new State.Checking();

    private final WalDirectory directory;
    private final WalFormat format;
    private final Supplier<WalEnd> end;
    private final boolean enabled;
    private final LongSupplier nanoTime;
    private final Map<WalFileName, State> states = new ConcurrentHashMap<>();
    private final List<Runnable> onChange = new CopyOnWriteArrayList<>();
    private volatile Executor readers = Runnable::run;
    private final AtomicInteger replacements = new AtomicInteger();

    // Of the flushes: which segments have been completed. Under this object's lock.
    private WalEnd completedOn;
    private long completed;

    /**
     * Nothing is known yet of what is stored.
     *
     * @param enabled whether anything is checked ({@code wal_verify})
     */
    WalIntegrity(
            WalDirectory directory, WalFormat format, Supplier<WalEnd> end, boolean enabled, LongSupplier nanoTime) {
        this.directory = directory;
        this.format = format;
        this.end = end;
        this.enabled = enabled;
        this.nanoTime = nanoTime;
        this.completedOn = end.get();
        this.completed = segmentOf(completedOn.base());
    }

    /** Has checks run there from now on; before, they run where they are asked for. */
    public void readOn(Executor threads) {
        readers = threads;
    }

    /** Has {@code listener} told, on any thread, when another answer may be had. It must not block. */
    public void onChange(Runnable listener) {
        onChange.add(listener);
    }

    /** What may be made of a segment. */
    public sealed interface Verdict {
        /** It may be served. */
        record Sound() implements Verdict {}

        /** It is being checked. */
        record Unchecked() implements Verdict {}

        /**
         * It may be served up to {@link SegmentDamage#validEnd()}.
         *
         * @param refetchFailed why it could not be fetched again; empty as long as that is being tried
         */
        record Damaged(SegmentDamage damage, Optional<String> refetchFailed) implements Verdict {}
    }

    private sealed interface State {
        record Checking() implements State {}

        record Sound(long since) implements State {}

        record Damaged(SegmentDamage damage, Optional<String> refetchFailed) implements State {}
    }

    /** Says what may be made of a segment; where that is not known, begins to find out. */
    public Verdict ask(WalFileName name) {
        if (!enabled || isBeingReceived(name)) {
            return new Verdict.Sound();
        }
        Optional<Verdict> known = known(name);
        if (known.isPresent()) {
            return known.get();
        }
        begin(name);
        return known(name).orElseGet(Verdict.Unchecked::new);
    }

    private Optional<Verdict> known(WalFileName name) {
        return switch (states.get(name)) {
            case null -> Optional.empty();
            case State.Checking checking -> Optional.of(new Verdict.Unchecked());
            case State.Damaged damaged -> Optional.of(new Verdict.Damaged(damaged.damage(), damaged.refetchFailed()));
            case State.Sound sound ->
                nanoTime.getAsLong() - sound.since() < HOLDS ? Optional.of(new Verdict.Sound()) : Optional.empty();
        };
    }

    /** Has the segment behind this one checked, if it has to be, before somebody waits for that. */
    public void askAhead(WalFileName name) {
        WalFileName next = served(end.get()).after(name);
        if (directory.isHere(next)) {
            ask(next);
        }
    }

    private boolean isBeingReceived(WalFileName name) {
        WalEnd current = end.get();
        return name.timeline().equals(current.history().timeline())
                && directory.segmentSize().start(name.segmentNumber() + 1).isAfter(current.flushed());
    }

    private ServedSegments served(WalEnd current) {
        return new ServedSegments(current.history(), directory.segmentSize());
    }

    private long segmentOf(Lsn position) {
        return directory.segmentSize().segmentNumber(position);
    }

    private void begin(WalFileName name) {
        State before = states.get(name);
        boolean begun = before == null
                ? states.putIfAbsent(name, CHECKING) == null
                : before instanceof State.Sound && states.replace(name, before, CHECKING);
        if (begun) {
            readers.execute(() -> check(name));
        }
    }

    private void check(WalFileName name) {
        try {
            WalEnd current = end.get();
            SegmentCheck check = new SegmentCheck(directory, format, served(current), current.written());
            for (WalFileName next : withRecordStart(check, name, current)) {
                Optional<SegmentDamage> damage = check.check(next);
                if (current != end.get()) {
                    // WAL was taken back, or belongs to another timeline now: what was read may be of both.
                    return;
                }
                damage.ifPresent(this::found);
                if (states.get(name) instanceof State.Damaged) {
                    return;
                }
            }
            states.replace(name, CHECKING, new State.Sound(nanoTime.getAsLong()));
        } catch (RuntimeException defect) {
            log.error("could not check WAL segment {}", name.format(directory.segmentSize()), defect);
        } finally {
            states.remove(name, CHECKING);
            onChange.forEach(Runnable::run);
        }
    }

    /**
     * The segment, and before it those of the record that it begins with, unless they are known. They are not done with
     * then: what they begin with has not been checked.
     */
    private Deque<WalFileName> withRecordStart(SegmentCheck check, WalFileName name, WalEnd current) {
        Deque<WalFileName> chain = new ArrayDeque<>(List.of(name));
        boolean within = check.recordRest(name).isAny();
        while (within) {
            WalFileName before = served(current).before(chain.getFirst());
            if (!directory.isHere(before) || isBeingReceived(before) || isSettled(before)) {
                break;
            }
            chain.addFirst(before);
            within = check.recordRest(before).fills(directory.segmentSize());
        }
        return chain;
    }

    private boolean isSettled(WalFileName name) {
        return known(name)
                .filter(verdict -> !(verdict instanceof Verdict.Unchecked))
                .isPresent();
    }

    private void found(SegmentDamage damage) {
        List<WalFileName> complete = damage.suspects().stream()
                .filter(suspect -> !isBeingReceived(suspect))
                .toList();
        complete.forEach(suspect -> states.put(suspect, new State.Damaged(damage, Optional.empty())));
        log.error(
                "invalid WAL in file {} at {}: {}\nDETAIL:  It is valid up to {}. What is behind that is sent to"
                        + " nobody, and is fetched again from the upstream.",
                names(complete),
                damage.lsn(),
                damage.reason(),
                damage.validEnd());
    }

    private String names(List<WalFileName> files) {
        return String.join(
                " or ",
                files.stream()
                        .map(file -> "\"pg_wal/" + file.format(directory.segmentSize()) + "\"")
                        .toList());
    }

    /** The segments that are damaged and still here. */
    public List<WalFileName> damaged() {
        return states.entrySet().stream()
                .filter(entry -> entry.getValue() instanceof State.Damaged)
                .map(Map.Entry::getKey)
                .filter(name -> !isBeingReceived(name))
                .sorted(Comparator.comparing(WalFileName::segmentNumber, Long::compareUnsigned))
                .toList();
    }

    /** Whether a segment that was damaged has been found to be sound again, or is gone. */
    public boolean isMended(WalFileName name) {
        return states.get(name) instanceof State.Sound || !directory.isHere(name);
    }

    /** Begins to replace a segment by what is received anew. */
    public SegmentReplacement replace(WalFileName name) throws IOException {
        WalEnd current = end.get();
        return new SegmentReplacement(
                directory, new SegmentCheck(directory, format, served(current), current.written()), name);
    }

    /** A damaged segment has been replaced: all that its damage cast a doubt on is checked anew. */
    public void replaced(WalFileName name) {
        log.info("WAL file \"pg_wal/{}\" was fetched again from the upstream", name.format(directory.segmentSize()));
        List<WalFileName> doubted = states.get(name) instanceof State.Damaged damaged
                ? Stream.concat(Stream.of(name), damaged.damage().suspects().stream())
                        .toList()
                : List.of(name);
        states.keySet().removeAll(doubted);
        replacements.incrementAndGet();
        begin(name);
        onChange.forEach(Runnable::run);
    }

    /** A damaged segment could not be fetched again, for now. */
    public void refetchFailed(WalFileName name, String why) {
        boolean changed = states.get(name) instanceof State.Damaged damaged
                && !damaged.refetchFailed().equals(Optional.of(why))
                && states.replace(name, damaged, new State.Damaged(damaged.damage(), Optional.of(why)));
        if (changed) {
            log.error("could not fetch WAL file \"pg_wal/{}\" again: {}", name.format(directory.segmentSize()), why);
            onChange.forEach(Runnable::run);
        }
    }

    /** How many segments have been replaced: files that were opened before may be the damaged ones. */
    public int replacements() {
        return replacements.get();
    }

    /** WAL has been flushed: segments that it completes were checked when they came. */
    synchronized void flushed() {
        WalEnd current = end.get();
        if (current != completedOn) {
            completedOn = current;
            completed = segmentOf(current.base());
        }
        for (long full = segmentOf(current.flushed()); Long.compareUnsigned(completed, full) < 0; completed++) {
            states.put(new WalFileName(current.history().timeline(), completed), new State.Sound(nanoTime.getAsLong()));
        }
    }

    /**
     * Begins to check the segment that needs it most, of those that are stored: one that never was, the newest first, or
     * else the one whose check is the oldest, if that is long ago. Forgets those that are not here any more.
     */
    public void scrub() throws IOException {
        if (!enabled) {
            return;
        }
        WalEnd current = end.get();
        List<WalFileName> stored = directory.segments().stream()
                .filter(StoredSegment::complete)
                .map(StoredSegment::name)
                .filter(name -> served(current).contains(name) && !isBeingReceived(name))
                .toList();
        states.keySet().removeIf(name -> !directory.isHere(name));
        stored.stream()
                .filter(this::isDue)
                .min(Comparator.comparingLong(this::lastCheck)
                        .thenComparing(Comparator.comparing(WalFileName::segmentNumber, Long::compareUnsigned)
                                .reversed()))
                .ifPresent(this::begin);
    }

    private boolean isDue(WalFileName name) {
        return switch (states.get(name)) {
            case null -> true;
            case State.Checking checking -> false;
            case State.Damaged damaged -> false;
            case State.Sound sound -> nanoTime.getAsLong() - sound.since() >= HOLDS_UNREAD;
        };
    }

    /** As nanoseconds from now on, negative; those that never were come first. */
    private long lastCheck(WalFileName name) {
        return states.get(name) instanceof State.Sound sound ? sound.since() - nanoTime.getAsLong() : Long.MIN_VALUE;
    }
}
