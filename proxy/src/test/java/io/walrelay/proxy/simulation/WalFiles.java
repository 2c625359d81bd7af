package io.walrelay.proxy.simulation;

import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.WalSegmentSize;
import io.walrelay.replication.wal.WalBuilder;
import java.nio.file.Path;

/** Names of files in pg_wal, as PostgreSQL has them. */
final class WalFiles {
    static final WalSegmentSize SIZE = WalBuilder.SEGMENT;
    static final Path DIRECTORY = Relay.DATA.resolve("pg_wal");

    private WalFiles() {}

    static WalFileName name(TimelineId timeline, Lsn position) {
        return new WalFileName(timeline, SIZE.segmentNumber(position));
    }

    static Path complete(WalFileName name) {
        return DIRECTORY.resolve(name.format(SIZE));
    }

    static Path partial(WalFileName name) {
        return DIRECTORY.resolve(name.format(SIZE) + ".partial");
    }
}
