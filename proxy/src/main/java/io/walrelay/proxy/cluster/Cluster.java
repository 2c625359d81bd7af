package io.walrelay.proxy.cluster;

import io.walrelay.proxy.storage.Storage;
import io.walrelay.proxy.wal.ControlFile;
import io.walrelay.proxy.wal.DiskGuard;
import io.walrelay.proxy.wal.WalOpener;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.SystemIdentifier;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.WalSegmentSize;
import io.walrelay.replication.timeline.TimelineHistory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where the upstream side tells the downstream side which cluster this is. Empty until an upstream has been seen for
 * the first time, or the data directory has told; from then on the WAL store stays the same, the mirrored server may
 * change with each login. Changed by the upstream loop alone (and by start and stop), read by any thread.
 */
public final class Cluster implements AutoCloseable {
    private final Storage storage;
    private final Path dataDirectory;
    private final Supplier<DiskGuard.Limits> diskLimits;
    private final WalOpener opener;
    private final MirroredServerFile serverFile;
    private final CompletableFuture<Known> firstKnown = new CompletableFuture<>();
    private volatile @Nullable Known known;

    /** The WAL, and the server in whose place it is served. */
    public record Known(WalStore wal, MirroredServer server) {}

    /**
     * The cluster of a data directory.
     *
     * @param diskLimits what the WAL may take of the disk
     * @param verify whether WAL is checked before it is written ({@code wal_verify})
     * @param flusherThread where WAL is flushed
     * @param syncFailed told when an fsync has failed, after which nothing may be acknowledged any more
     */
    public Cluster(
            Storage storage,
            Path dataDirectory,
            boolean verify,
            Supplier<DiskGuard.Limits> diskLimits,
            Executor flusherThread,
            Consumer<IOException> syncFailed) {
        this(new WalOpener(storage, dataDirectory, verify, flusherThread, syncFailed), diskLimits);
    }

    /**
     * The cluster of a data directory.
     *
     * @param opener of its WAL
     * @param diskLimits what the WAL may take of the disk
     */
    public Cluster(WalOpener opener, Supplier<DiskGuard.Limits> diskLimits) {
        this.diskLimits = diskLimits;
        this.storage = opener.storage();
        this.dataDirectory = opener.dataDirectory();
        this.opener = opener;
        this.serverFile = new MirroredServerFile(storage, dataDirectory);
    }

    /** What is known; empty while nothing can be served. */
    public Optional<Known> known() {
        return Optional.ofNullable(known);
    }

    /** Complete as soon as there is something that can be served. */
    public CompletableFuture<Known> firstKnown() {
        return firstKnown.copy();
    }

    /** Whose WAL the data directory holds, also where there is too little of it to be served. */
    public Optional<ControlFile> control() throws IOException {
        Known current = known;
        return current == null ? ControlFile.read(storage, dataDirectory) : Optional.of(current.wal.control());
    }

    /** Reads the data directory. Afterwards {@link #known} tells what it holds. */
    public void recover() throws IOException {
        // A program that was killed may not have made durable what is read now, and counts from now on.
        storage.syncDirectory(dataDirectory);
        Optional<ControlFile> control = control();
        Optional<MirroredServer> server = serverFile.read();
        if (control.isPresent() && server.isPresent()) {
            known = opener.recover(control.get())
                    .map(wal -> limited(new Known(wal, server.get())))
                    .orElse(null);
            known().ifPresent(firstKnown::complete);
        }
    }

    /** Begins to keep WAL: the first upstream has said who it is. What is there already is gone on with. */
    public Known found(ControlFile control, MirroredServer server, TimelineHistory history, Lsn start)
            throws IOException {
        serverFile.write(server);
        Optional<WalStore> takenOver = opener.takeOver(control, history);
        WalStore wal = takenOver.isPresent() ? takenOver.get() : opener.create(control, history, start);
        Known founded = new Known(wal, server);
        known = limited(founded);
        firstKnown.complete(founded);
        return founded;
    }

    private Known limited(Known founded) {
        founded.wal.limitDisk(diskLimits);
        return founded;
    }

    /** The newest timeline of the WAL that a new data directory holds nevertheless, left there by another program. */
    public Optional<TimelineId> newestStored(WalSegmentSize size, SystemIdentifier system) throws IOException {
        return opener.newestStored(size, system);
    }

    /** Takes over what the upstream reports now. */
    public void mirror(MirroredServer server) throws IOException {
        Known current = known;
        if (current != null && !current.server.equals(server)) {
            serverFile.write(server);
            current.wal.serverVersion(server.version());
            known = new Known(current.wal, server);
        }
    }

    /** Flushes and closes the WAL. */
    @Override
    public void close() {
        known().ifPresent(current -> current.wal.close());
    }
}
