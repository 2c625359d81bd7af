package io.walrelay.proxy.wal;

import io.walrelay.proxy.wal.WalIntegrity.Verdict;
import io.walrelay.replication.WalFileName;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What is known of stored segments, and for how long it holds. Any thread. */
final class SegmentStates {
    /** For who serves a segment: the pages that were checked are in memory still, most likely. */
    private static final long HOLDS = Duration.ofMinutes(5).toNanos();

    /** For who looks after all that is stored. */
    private static final long HOLDS_UNREAD = Duration.ofDays(1).toNanos();

    private static final State CHECKING = new State.Checking();
    private static final Optional<Verdict> UNCHECKED = Optional.of(new Verdict.Unchecked());
    private static final Optional<Verdict> SOUND = Optional.of(new Verdict.Sound());

    private final LongSupplier nanoTime;
    private final Map<WalFileName, State> states = new ConcurrentHashMap<>();

    SegmentStates(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    private sealed interface State {
        record Checking() implements State {}

        record Sound(long since, CheckedFiles files) implements State {}

        record Damaged(SegmentDamage damage, Optional<String> refetchFailed, CheckedFiles files) implements State {}
    }

    /** What is known; empty if that is nothing, or does not hold any more. */
    Optional<Verdict> verdict(WalFileName name) {
        State state = states.get(name);
        return switch (state) {
            case null -> Optional.empty();
            case State.Checking checking -> UNCHECKED;
            case State.Sound sound -> holds(name, sound) ? SOUND : Optional.empty();
            case State.Damaged damaged ->
                isAsItWas(name, damaged)
                        ? Optional.of(new Verdict.Damaged(damaged.damage(), damaged.refetchFailed()))
                        : Optional.empty();
        };
    }

    private boolean holds(WalFileName name, State.Sound sound) {
        return nanoTime.getAsLong() - sound.since() < HOLDS && isAsItWas(name, sound);
    }

    /**
     * Whether nobody has changed the segment's file since; of one that may be damaged, nor those that may be so
     * instead.
     */
    private boolean isAsItWas(WalFileName name, @Nullable State state) {
        return switch (state) {
            case null -> true;
            case State.Checking checking -> true;
            case State.Sound sound -> sound.files().isStill(name, nanoTime.getAsLong());
            // Which of several it is may not be known.
            case State.Damaged damaged -> damaged.files().areStill(nanoTime.getAsLong());
        };
    }

    /** Whether something was known that does not hold because somebody has changed the file. */
    boolean isChanged(WalFileName name) {
        return !isAsItWas(name, states.get(name));
    }

    /** Whether what {@code name} begins with was read when the segment before it was checked, and is still the same. */
    boolean isCovered(WalFileName before, WalFileName name) {
        State state = states.get(before);
        return switch (state) {
            case null -> false;
            case State.Checking checking -> false;
            case State.Sound sound -> holds(before, sound) && sound.files().cover(name);
            case State.Damaged damaged -> isAsItWas(before, damaged);
        };
    }

    /** Whether a check of it may begin now: what is known does not hold, and nobody else checks it. */
    boolean begin(WalFileName name) {
        State before = states.get(name);
        return before == null
                ? states.putIfAbsent(name, CHECKING) == null
                : !(before instanceof State.Checking) && states.replace(name, before, CHECKING);
    }

    /** A check has found nothing wrong. */
    void checked(WalFileName name, CheckedFiles files) {
        states.replace(name, CHECKING, sound(files));
    }

    /** The segment was checked when it came. */
    void received(WalFileName name, CheckedFiles files) {
        states.put(name, sound(files));
    }

    private State sound(CheckedFiles files) {
        return new State.Sound(nanoTime.getAsLong(), files);
    }

    /** A check of it has ended, and if nothing was found, nothing is known. */
    void ended(WalFileName name) {
        states.remove(name, CHECKING);
    }

    /** A segment is damaged, or may be the one that is. */
    void damaged(WalFileName name, SegmentDamage damage, CheckedFiles files) {
        states.put(name, new State.Damaged(damage, Optional.empty(), files));
    }

    /** Whether it was found to be damaged, when it was last checked. */
    boolean isDamaged(WalFileName name) {
        return states.get(name) instanceof State.Damaged;
    }

    /** Whether it was found to be sound, when it was last checked. */
    boolean isSound(WalFileName name) {
        return states.get(name) instanceof State.Sound;
    }

    /** Those that were found to be damaged, in order. */
    List<WalFileName> damaged() {
        return states.keySet().stream()
                .filter(this::isDamaged)
                .sorted(Comparator.comparing(WalFileName::segmentNumber, Long::compareUnsigned))
                .toList();
    }

    /** What is in doubt with a segment: itself, and if it was found to be damaged, those that may be so instead. */
    List<WalFileName> doubted(WalFileName name) {
        return states.get(name) instanceof State.Damaged damaged
                ? damaged.damage().suspects()
                : List.of(name);
    }

    /** Notes why it could not be fetched again; tells whether that is news. */
    boolean refetchFailed(WalFileName name, String why) {
        return states.get(name) instanceof State.Damaged damaged
                && !damaged.refetchFailed().equals(Optional.of(why))
                && states.replace(
                        name, damaged, new State.Damaged(damaged.damage(), Optional.of(why), damaged.files()));
    }

    /** Nothing is known of these any more. */
    void forget(Collection<WalFileName> names) {
        states.keySet().removeAll(names);
    }

    /** All of which something is known. */
    List<WalFileName> known() {
        return List.copyOf(states.keySet());
    }

    /**
     * The segment that needs a check most: one that never was checked, or was changed since, the newest first; or else
     * the one whose check is the oldest, if that is long ago.
     */
    Optional<WalFileName> due(List<WalFileName> stored) {
        return stored.stream()
                .filter(this::isDue)
                .min(Comparator.comparingLong(this::lastCheck)
                        .thenComparing(Comparator.comparing(WalFileName::segmentNumber, Long::compareUnsigned)
                                .reversed()));
    }

    private boolean isDue(WalFileName name) {
        State state = states.get(name);
        return switch (state) {
            case null -> true;
            case State.Checking checking -> false;
            case State.Damaged damaged -> !isAsItWas(name, damaged);
            case State.Sound sound -> nanoTime.getAsLong() - sound.since() >= HOLDS_UNREAD || !isAsItWas(name, sound);
        };
    }

    /** As nanoseconds from now on, negative; those of which nothing holds come first. */
    private long lastCheck(WalFileName name) {
        return states.get(name) instanceof State.Sound sound && isAsItWas(name, sound)
                ? sound.since() - nanoTime.getAsLong()
                : Long.MIN_VALUE;
    }
}
