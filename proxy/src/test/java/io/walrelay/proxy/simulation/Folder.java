package io.walrelay.proxy.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A directory of the simulated disk: names as they are, names that are durable, and the changes between. */
final class Folder {
    private Map<String, Object> current = new TreeMap<>();
    private Map<String, Object> durable = new TreeMap<>();
    private final List<Change> pending = new ArrayList<>();

    /** A name goes, a name comes, or both as one. What is linked is an {@link Inode} or a {@link Folder}. */
    private record Change(
            @Nullable String unlinked,
            @Nullable String linked,
            @Nullable Object node) {
        void apply(Map<String, Object> names) {
            if (unlinked != null) {
                names.remove(unlinked);
            }
            if (linked != null && node != null) {
                names.put(linked, node);
            }
        }
    }

    @Nullable
    Object find(String name) {
        return current.get(name);
    }

    @Nullable
    Object findDurable(String name) {
        return durable.get(name);
    }

    List<String> names() {
        return List.copyOf(current.keySet());
    }

    boolean isEmpty() {
        return current.isEmpty();
    }

    void link(String name, Object node) {
        change(new Change(null, name, node));
    }

    void unlink(String name) {
        change(new Change(name, null, null));
    }

    void rename(String from, String to) {
        change(new Change(from, to, current.get(from)));
    }

    private void change(Change change) {
        change.apply(current);
        pending.add(change);
    }

    void sync() {
        pending.forEach(change -> change.apply(durable));
        pending.clear();
    }

    /** A failed fsync: the changes that were not durable are gone. */
    void drop() {
        pending.clear();
        current = new TreeMap<>(durable);
    }

    /**
     * A crash keeps some of the changes that were not synced.
     *
     * @param ordered whether it keeps the oldest, as a journal does, or any
     */
    void crash(RandomGenerator random, double kept, boolean ordered) {
        for (Change change : pending) {
            if (random.nextDouble() < kept) {
                change.apply(durable);
            } else if (ordered) {
                break;
            }
        }
        drop();
        for (Object node : current.values()) {
            if (node instanceof Folder folder) {
                folder.crash(random, kept, ordered);
            } else if (node instanceof Inode inode) {
                inode.crash(random, kept);
            }
        }
    }
}
