package io.walrelay.proxy.simulation;

import io.walrelay.proxy.MaintenanceRound;
import io.walrelay.proxy.cluster.Cluster;
import io.walrelay.proxy.slot.SlotRegistry;
import io.walrelay.proxy.storage.PanickingStorage;
import io.walrelay.proxy.storage.Storage;
import io.walrelay.proxy.wal.WalOpener;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.proxy.walreceiver.SimulatedStream;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One life of the program on the simulated disk, from its start to its end, with what its threads would do as steps.
 */
final class Relay {
    static final Path DATA = Path.of("/data");
    private static final int MAX_SLOTS = 4;

    private final Queue<Runnable> flusher = new ArrayDeque<>();
    private final SimulatedDisk disk;
    private final Operator operator;
    private final Cluster cluster;
    private final SlotRegistry slots;
    private final Runnable maintenance;
    private @Nullable SimulatedStream stream;

    /**
     * Starts the program, as {@code Proxy} does.
     *
     * @param briefFlush zero where all is left to the flusher
     */
    Relay(SimulatedDisk disk, Operator operator, LongSupplier nanoTime, Duration briefFlush) throws IOException {
        this.disk = disk;
        this.operator = operator;
        Storage storage = new PanickingStorage(disk, this::syncFailed);
        this.cluster = new Cluster(
                new WalOpener(storage, DATA, true, flusher::add, this::syncFailed, nanoTime, briefFlush),
                operator::limits);
        cluster.recover();
        this.slots = SlotRegistry.load(storage, DATA, Runnable::run, MAX_SLOTS);
        this.maintenance = MaintenanceRound.of(operator::configuration, cluster, slots);
    }

    private void syncFailed(IOException reason) {
        throw disk.stop("PANIC: " + reason.getMessage());
    }

    Cluster cluster() {
        return cluster;
    }

    boolean isFounded() {
        return cluster.known().isPresent();
    }

    WalStore store() {
        return cluster.known().orElseThrow().wal();
    }

    SlotRegistry slots() {
        return slots;
    }

    /** The stream from the upstream, if there is one. */
    @Nullable
    SimulatedStream stream() {
        return stream;
    }

    SimulatedStream connect() {
        SimulatedStream connected = new SimulatedStream(store(), operator.configuration(), Clock.systemUTC());
        stream = connected;
        return connected;
    }

    void disconnect() {
        if (stream != null && !stream.isOver()) {
            stream.lose();
        }
        stream = null;
    }

    /** The program is gone: what was on the way to the upstream never gets there. */
    void discard() {
        if (stream != null) {
            stream.reports();
        }
    }

    /** Whether the flusher's thread has been woken. */
    boolean hasToFlush() {
        return !flusher.isEmpty();
    }

    /** The flusher's thread comes to run. */
    void flush() {
        Runnable round = flusher.poll();
        if (round != null) {
            round.run();
        }
    }

    void maintain() {
        maintenance.run();
    }

    /** The end of a program that was told to stop. */
    void stop() {
        if (stream != null && !stream.isOver()) {
            stream.lose();
            cluster.close();
            stream.farewell();
        } else {
            cluster.close();
        }
        slots.saveMoved();
    }

    /** How many files of segments there are. */
    int segmentFiles() {
        return (int) disk.names(WalFiles.DIRECTORY).stream()
                .filter(name -> name.matches("[0-9A-F]{24}(\\.partial)?"))
                .count();
    }

    Lsn written() {
        return store().end().written();
    }
}
