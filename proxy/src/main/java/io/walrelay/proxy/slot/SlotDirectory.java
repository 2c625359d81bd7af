package io.walrelay.proxy.slot;

import io.walrelay.proxy.storage.Storage;
import java.io.IOException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code pg_replslot}: one directory a slot, as PostgreSQL has it. A slot that is being created or dropped is
 * {@code NAME.tmp}, and does not exist after a crash.
 */
final class SlotDirectory {
    private static final String STATE = "state";
    private static final String TEMPORARY = ".tmp";

    private static final Logger log = LoggerFactory.getLogger(SlotDirectory.class);

    private final Storage storage;
    private final Path directory;

    SlotDirectory(Storage storage, Path dataDirectory) {
        this.storage = storage;
        this.directory = dataDirectory.resolve("pg_replslot");
    }

    /** The persistent slots that are here; what a crash left half done is removed, stray files are passed over. */
    List<ReplicationSlot> load() throws IOException {
        storage.createDirectories(directory);
        List<ReplicationSlot> slots = new ArrayList<>();
        for (String entry : storage.list(directory)) {
            if (!isDirectory(directory.resolve(entry))) {
                continue;
            }
            if (entry.endsWith(TEMPORARY)) {
                remove(directory.resolve(entry));
            } else {
                slots.add(new ReplicationSlot(entry, false, read(entry), 0));
                storage.syncDirectory(directory.resolve(entry));
            }
        }
        // What the program finds here may not have been made durable before it was killed; from now on it counts.
        storage.syncDirectory(directory);
        return slots;
    }

    private boolean isDirectory(Path path) throws IOException {
        try {
            storage.list(path);
            return true;
        } catch (NotDirectoryException file) {
            return false;
        }
    }

    private SlotState read(String slot) throws IOException {
        Path file = directory.resolve(slot).resolve(STATE);
        try {
            return SlotState.decode(storage.readAll(file));
        } catch (IOException e) {
            throw new IOException("replication slot file \"" + file + "\" is damaged: " + e.getMessage(), e);
        }
    }

    void create(ReplicationSlot slot) throws IOException {
        Path temporary = directory.resolve(slot.name() + TEMPORARY);
        remove(temporary);
        storage.createDirectory(temporary);
        storage.replace(temporary.resolve(STATE), slot.state().encode());
        storage.rename(temporary, directory.resolve(slot.name()));
        storage.syncDirectory(directory);
    }

    void save(ReplicationSlot slot) throws IOException {
        SlotState state = slot.state();
        storage.replace(directory.resolve(slot.name()).resolve(STATE), state.encode());
        slot.saved(state);
    }

    void drop(ReplicationSlot slot) throws IOException {
        Path temporary = directory.resolve(slot.name() + TEMPORARY);
        storage.rename(directory.resolve(slot.name()), temporary);
        storage.syncDirectory(directory);
        try {
            remove(temporary);
        } catch (IOException e) {
            // It is dropped all the same: the next slot of this name, or the next start, removes the rest.
            log.warn("could not remove directory \"{}\": {}", temporary, e.getMessage());
        }
    }

    private void remove(Path slot) throws IOException {
        if (storage.exists(slot)) {
            for (String file : storage.list(slot)) {
                storage.delete(slot.resolve(file));
            }
            storage.delete(slot);
        }
    }
}
