package io.walrelay.proxy.wal;

import io.walrelay.proxy.storage.Storage;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.timeline.TimelineHistory;
import io.walrelay.replication.timeline.TimelineHistoryException;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The timeline history files in {@code pg_wal}. They come from the upstream, byte for byte, and are never removed, as
 * PostgreSQL never removes them: they are small, and clients ask for old ones.
 */
public final class HistoryFiles {
    private final Storage storage;
    private final Path directory;

    HistoryFiles(Storage storage, Path directory) {
        this.storage = storage;
        this.directory = directory;
    }

    /**
     * The history of a timeline, read from its file. Timeline 1 has none and needs none.
     *
     * @throws NoSuchFileException if the file is not here
     */
    public TimelineHistory read(TimelineId timeline) throws IOException {
        if (timeline.equals(TimelineId.FIRST)) {
            return TimelineHistory.first();
        }
        Path file = file(timeline);
        try {
            return TimelineHistory.parse(timeline, storage.readAll(file));
        } catch (TimelineHistoryException e) {
            throw new IOException("timeline history file \"" + file + "\" is damaged: " + e.getMessage(), e);
        }
    }

    /** The bytes of a history file as they were received, or empty if it is not here. */
    public Optional<byte[]> bytes(TimelineId timeline) throws IOException {
        Path file = file(timeline);
        return storage.exists(file) ? Optional.of(storage.readAll(file)) : Optional.empty();
    }

    /** Keeps a history file, verbatim and durable; timeline 1 has none. */
    void keep(TimelineHistory history) throws IOException {
        if (!history.timeline().equals(TimelineId.FIRST)) {
            storage.replace(file(history.timeline()), history.file());
        }
    }

    /**
     * Compares the files that another program has left here with what the upstream says of the same timelines. A
     * timeline of the same number that forked off elsewhere is another timeline, and its WAL other WAL.
     *
     * @throws PgException in PostgreSQL's words if one differs
     */
    void requireSame(TimelineHistory upstreams) throws IOException {
        requireSame(upstreams.timeline(), upstreams);
        for (TimelineHistory.Entry ancestor : upstreams.ancestors()) {
            requireSame(ancestor.timeline(), upstreams);
        }
    }

    private void requireSame(TimelineId timeline, TimelineHistory upstreams) throws IOException {
        if (!storage.exists(file(timeline))) {
            return;
        }
        List<Fork> ours = forks(read(timeline), timeline);
        List<Fork> theirs = forks(upstreams, timeline);
        if (!ours.equals(theirs)) {
            throw PgException.error(
                            SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                            "requested timeline " + upstreams.timeline() + " is not a child of this server's history")
                    .withDetail("File \"" + WalFileName.history(timeline) + "\" in pg_wal says " + ours
                            + ", the upstream server says " + theirs + ".")
                    .withHint("Point primary_conninfo at a server that continues the WAL that is here, or give the"
                            + " relay a new data_directory.");
        }
    }

    /** Where the timelines before this one were left; the reasons in the files are for people. */
    private static List<Fork> forks(TimelineHistory history, TimelineId timeline) {
        return history.ancestors().stream()
                .takeWhile(entry -> !entry.timeline().equals(timeline))
                .map(entry -> new Fork(entry.timeline(), entry.switchPoint()))
                .toList();
    }

    private record Fork(TimelineId timeline, Lsn switchPoint) {
        @Override
        public String toString() {
            return timeline + " until " + switchPoint;
        }
    }

    private Path file(TimelineId timeline) {
        return directory.resolve(WalFileName.history(timeline));
    }
}
