package io.walrelay.proxy.wal;

import io.walrelay.proxy.wal.WalDirectory.StoredSegment;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.wal.WalFormat;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the complete segments that are stored here hold what was received: each is checked before it is first served,
 * again when that was long ago or its file was changed, and now and then though nobody asks. What was checked on its
 * way in counts as checked when it was written. Any thread may ask, and is answered at once; the checks run on the
 * readers' threads.
 */
public final class WalIntegrity {
    private static final Logger log = LoggerFactory.getLogger(WalIntegrity.class);

    private static final Verdict SOUND = new Verdict.Sound();

    private final WalDirectory directory;
    private final WalFormat format;
    private final Supplier<WalEnd> end;
    private final WarmWal warm;
    private final boolean enabled;
    private final LongSupplier nanoTime;
    private final SegmentStates states;
    private final List<Runnable> onChange = new CopyOnWriteArrayList<>();
    private volatile Executor readers = Runnable::run;
    private final AtomicInteger replacements = new AtomicInteger();

    /**
     * Nothing is known yet of what is stored.
     *
     * @param warm told what a check has read
     * @param enabled whether anything is checked ({@code wal_verify})
     */
    WalIntegrity(
            WalDirectory directory,
            WalFormat format,
            Supplier<WalEnd> end,
            WarmWal warm,
            boolean enabled,
            LongSupplier nanoTime) {
        this.directory = directory;
        this.format = format;
        this.end = end;
        this.warm = warm;
        this.enabled = enabled;
        this.nanoTime = nanoTime;
        this.states = new SegmentStates(nanoTime);
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

    /** Says what may be made of a segment; where that is not known, begins to find out. */
    public Verdict ask(WalFileName name) {
        if (!enabled || isBeingReceived(name)) {
            return SOUND;
        }
        Optional<Verdict> known = states.verdict(name);
        if (known.isPresent()) {
            return known.get();
        }
        begin(name);
        return states.verdict(name).orElseGet(Verdict.Unchecked::new);
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
        return !ServedSegments.isComplete(
                name, current.history().timeline(), directory.segmentSize(), current.flushedValue());
    }

    private ServedSegments served(WalEnd current) {
        return new ServedSegments(current.history(), directory.segmentSize());
    }

    private void begin(WalFileName name) {
        boolean changed = states.isChanged(name);
        if (!states.begin(name)) {
            return;
        }
        if (changed) {
            log.info(
                    "WAL file \"pg_wal/{}\" has changed since it was checked, it is checked again",
                    name.format(directory.segmentSize()));
            replacements.incrementAndGet();
        }
        readers.execute(() -> check(name));
    }

    private void check(WalFileName name) {
        try {
            WalEnd current = end.get();
            SegmentCheck check = new SegmentCheck(directory, format, current, warm);
            for (WalFileName next : withRecordStart(check, name, current)) {
                Optional<SegmentDamage> damage = check.check(next);
                if (current != end.get()) {
                    // WAL was taken back, or belongs to another timeline now: what was read may be of both.
                    return;
                }
                damage.ifPresent(known -> found(known, read(check)));
                if (states.isDamaged(name)) {
                    return;
                }
            }
            CheckedFiles files = read(check);
            if (files.areUnchanged()) {
                states.checked(name, files);
            } else {
                log.warn(
                        "WAL file \"pg_wal/{}\" was changed or replaced while it was checked",
                        name.format(directory.segmentSize()));
            }
        } catch (RuntimeException defect) {
            log.error("could not check WAL segment {}", name.format(directory.segmentSize()), defect);
        } finally {
            states.ended(name);
            onChange.forEach(Runnable::run);
        }
    }

    /**
     * Reads a segment, and what the record that it begins with has before it, here and now, and whatever was found
     * before: whether all that ends before a position is valid. Blocks.
     */
    boolean isSound(WalFileName name, Lsn position) {
        if (!enabled) {
            return true;
        }
        WalEnd current = end.get();
        SegmentCheck check = new SegmentCheck(directory, format, current, warm);
        if (check.recordRest(name).isAny() && states.isDamaged(served(current).before(name))) {
            return false;
        }
        for (WalFileName next : withRecordStart(check, name, current)) {
            Optional<SegmentDamage> damage =
                    check.check(next).filter(found -> found.validEnd().isBefore(position));
            if (damage.isPresent()) {
                log.error(
                        "invalid WAL in file {} at {}: {}",
                        names(damage.get().suspects()),
                        damage.get().lsn(),
                        damage.get().reason());
                return false;
            }
        }
        return true;
    }

    private CheckedFiles read(SegmentCheck check) {
        return new CheckedFiles(directory, check.read(), nanoTime.getAsLong());
    }

    /**
     * The segment, and before it those of the record that it begins with, unless that is known to be good. They are not
     * done with then: what they begin with has not been checked.
     */
    private Deque<WalFileName> withRecordStart(SegmentCheck check, WalFileName name, WalEnd current) {
        Deque<WalFileName> chain = new ArrayDeque<>(List.of(name));
        boolean within = check.recordRest(name).isAny();
        while (within) {
            WalFileName before = served(current).before(chain.getFirst());
            if (!directory.isHere(before) || isBeingReceived(before) || states.isCovered(before, name)) {
                break;
            }
            chain.addFirst(before);
            within = check.recordRest(before).fills(directory.segmentSize());
        }
        return chain;
    }

    private void found(SegmentDamage damage, CheckedFiles files) {
        List<WalFileName> complete = damage.suspects().stream()
                .filter(suspect -> !isBeingReceived(suspect))
                .toList();
        if (complete.isEmpty()) {
            // WAL was taken back to within the segment: what is behind that is of no stream.
            return;
        }
        complete.forEach(suspect -> states.damaged(suspect, damage, files));
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
        return states.damaged().stream().filter(name -> !isBeingReceived(name)).toList();
    }

    /** Whether a segment that was damaged has been found to be sound again, or is gone. */
    public boolean isMended(WalFileName name) {
        return states.isSound(name) || !directory.isHere(name);
    }

    /** Begins to replace a segment by what is received anew. */
    public SegmentReplacement replace(WalFileName name) throws IOException {
        return new SegmentReplacement(directory, new SegmentCheck(directory, format, end.get(), warm), name);
    }

    /** A damaged segment has been replaced: all that its damage cast a doubt on is checked anew. */
    public void replaced(WalFileName name) {
        log.info("WAL file \"pg_wal/{}\" was fetched again from the upstream", name.format(directory.segmentSize()));
        states.forget(states.doubted(name));
        // What it begins with could not be checked.
        states.forget(List.of(served(end.get()).after(name)));
        replacements.incrementAndGet();
        begin(name);
        onChange.forEach(Runnable::run);
    }

    /** A damaged segment could not be fetched again, for now. */
    public void refetchFailed(WalFileName name, String why) {
        if (states.refetchFailed(name, why)) {
            log.error("could not fetch WAL file \"pg_wal/{}\" again: {}", name.format(directory.segmentSize()), why);
            onChange.forEach(Runnable::run);
        }
    }

    /** How many segments have been replaced: files that were opened before may be the damaged ones. */
    public int replacements() {
        return replacements.get();
    }

    /** A segment has been received to its end: it was checked when it came. */
    void completed(WalFileName name) {
        if (!enabled) {
            return;
        }
        try {
            states.received(
                    name, new CheckedFiles(directory, Map.of(name, directory.version(name)), nanoTime.getAsLong()));
        } catch (IOException unknown) {
            states.forget(List.of(name));
        }
    }

    /** Begins to check the stored segment that needs it most, if one does; forgets those that are not here any more. */
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
        states.forget(
                states.known().stream().filter(name -> !directory.isHere(name)).toList());
        states.due(stored).ifPresent(this::begin);
    }
}
