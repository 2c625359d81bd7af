package io.walrelay.proxy.wal;

import io.walrelay.proxy.storage.Storage;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.SystemIdentifier;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.WalSegmentSize;
import io.walrelay.replication.timeline.TimelineHistory;
import io.walrelay.replication.wal.WalFormat;
import io.walrelay.replication.wal.WalPageMagic;
import io.walrelay.wire.error.PgException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * How the {@link WalStore} of a data directory is opened: begun anew, found again after a restart, or taken over from
 * another program. One at a time, before anything else uses the directory.
 *
 * @param dataDirectory where {@code walrelay.control} and {@code pg_wal} are, or will be
 * @param verify whether WAL is checked before it is written ({@code wal_verify})
 * @param flusherThread where WAL is flushed
 * @param syncFailed told when an fsync has failed: what was written can no longer be trusted to be durable
 * @param nanoTime the clock by which checks of stored WAL hold, and the disk is measured
 * @param briefFlush a disk whose flushes take less is flushed by the upstream loop itself, where there is little to
 *     flush
 */
public record WalOpener(
        Storage storage,
        Path dataDirectory,
        boolean verify,
        Executor flusherThread,
        Consumer<IOException> syncFailed,
        LongSupplier nanoTime,
        Duration briefFlush) {
    /** What the upstream loop flushes by itself takes less, as a rule: see docs/decisions/0022. */
    public static final Duration BRIEF = Duration.ofMillis(1);

    private static final String DIRECTORY = "pg_wal";

    /** By the system's clock. */
    public WalOpener(
            Storage storage,
            Path dataDirectory,
            boolean verify,
            Executor flusherThread,
            Consumer<IOException> syncFailed) {
        this(storage, dataDirectory, verify, flusherThread, syncFailed, System::nanoTime, BRIEF);
    }

    /**
     * Begins a data directory: from now on it belongs to this cluster. The control file is durable when this returns.
     *
     * @param history of the timeline to be received; its file, if it is not timeline 1, is kept
     * @param start where receiving begins, at the start of a segment
     */
    public WalStore create(ControlFile control, TimelineHistory history, Lsn start) throws IOException {
        WalFormat format = format(control);
        storage.createDirectories(wal());
        WalDirectory directory = directory(control.segmentSize());
        directory.spares().removeStale();
        directory.histories().keep(history);
        control.write(storage, dataDirectory);
        directory.beginWith(
                new WalFileName(history.timeline(), control.segmentSize().segmentNumber(start)));
        return new WalStore(this, control, directory, format, new WalEnd(history, start));
    }

    /**
     * Opens the WAL that is here: reads the newest segments of the current timeline to find where valid WAL ends.
     *
     * @return empty if there is a control file but no WAL yet: receiving begins anew
     * @throws IOException if a file cannot be read
     */
    public Optional<WalStore> recover(ControlFile control) throws IOException {
        WalDirectory directory = directory(control.segmentSize());
        return open(control, directory, directory.histories().read(control.timeline()), () -> {});
    }

    /**
     * Goes on with the WAL that another program has received into this data directory, which belongs to this cluster
     * from now on.
     *
     * @param control of its newest timeline
     * @param history of that timeline, as the upstream has it
     * @return empty if there is no WAL
     * @throws IOException if a file cannot be read or written
     * @throws PgException if the WAL is of another timeline of that number
     */
    public Optional<WalStore> takeOver(ControlFile control, TimelineHistory history) throws IOException {
        if (newestStored(control.segmentSize(), control.systemIdentifier()).isEmpty()) {
            return Optional.empty();
        }
        WalDirectory directory = directory(control.segmentSize());
        directory.histories().requireSame(history);
        directory.syncAll();
        directory.histories().keep(history);
        return open(control, directory, history, () -> control.write(storage, dataDirectory));
    }

    /** The last thing before there is a store: what fails then has opened nothing. */
    private interface LastStep {
        void take() throws IOException;
    }

    private Optional<WalStore> open(ControlFile control, WalDirectory directory, TimelineHistory history, LastStep last)
            throws IOException {
        WalFormat format = format(control);
        directory.spares().removeStale();
        StoredWal stored = new StoredWal(directory, format, history);
        Optional<Lsn> acknowledged = Acknowledged.read(storage, dataDirectory, history.timeline());
        Optional<WalRecovery.Resume> resume = new WalRecovery(directory, stored, history, acknowledged).resume();
        last.take();
        return resume.map(found ->
                new WalStore(this, control, directory, format, new WalEnd(history, found.position(), found.records())));
    }

    /**
     * The newest timeline of which there is WAL in a data directory that has no control file yet: somebody,
     * pg_receivewal for one, has received WAL there before.
     *
     * @throws IOException if a file cannot be read, or the WAL is of another cluster
     */
    public Optional<TimelineId> newestStored(WalSegmentSize size, SystemIdentifier system) throws IOException {
        return storage.exists(wal()) ? directory(size).newestTimeline(system) : Optional.empty();
    }

    Path wal() {
        return dataDirectory.resolve(DIRECTORY);
    }

    private WalDirectory directory(WalSegmentSize size) {
        return new WalDirectory(storage, wal(), size);
    }

    private static WalFormat format(ControlFile control) throws IOException {
        WalPageMagic magic = WalPageMagic.ofMajor(control.serverVersion().major())
                .orElseThrow(() -> new IOException(
                        "PostgreSQL " + control.serverVersion() + " is not supported, only versions 10 to 18 are"));
        return new WalFormat(magic, control.segmentSize(), control.systemIdentifier());
    }
}
