package io.walrelay.bench.micro;

import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.proxy.storage.LocalStorage;
import io.walrelay.proxy.wal.ControlFile;
import io.walrelay.proxy.wal.WalOpener;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.ServerVersion;
import io.walrelay.replication.timeline.TimelineHistory;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.Executor;

/**
 * An empty store of WAL in a directory of its own, beside the sample; the directory goes when this is closed.
 *
 * @param store which begins where the sample does
 */
record SampleStore(Path directory, WalStore store) implements Closeable {
    static SampleStore create(SampleWal wal, Executor flusher) throws IOException {
        Path parent =
                Path.of(System.getProperty(SampleWal.FILE, "")).toAbsolutePath().getParent();
        Path directory = Files.createTempDirectory(parent, "store-");
        WalStore store = new WalOpener(new LocalStorage(), directory, false, flusher, failure -> {})
                .create(
                        new ControlFile(
                                wal.format().systemIdentifier(),
                                wal.format().segmentSize(),
                                SampleWal.TIMELINE,
                                ServerVersion.parse("15.0"),
                                Instant.EPOCH),
                        TimelineHistory.first(),
                        wal.start());
        return new SampleStore(directory, store);
    }

    @Override
    public void close() throws IOException {
        store.close();
        PostgresCluster.delete(directory);
    }
}
