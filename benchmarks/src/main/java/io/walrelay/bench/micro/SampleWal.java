package io.walrelay.bench.micro;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.SystemIdentifier;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.WalSegmentSize;
import io.walrelay.replication.wal.WalFormat;
import io.walrelay.replication.wal.WalPageMagic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A segment of real WAL, of 16 MB.
 *
 * @param bytes all of it, in direct memory
 * @param format what its first page says of the rest
 */
record SampleWal(ByteBuf bytes, WalFormat format, Lsn start) {
    /** System property that names the file. */
    static final String FILE = "walrelay.bench.wal";

    /** What one operation takes. */
    static final int MB = 1 << 20;

    static final TimelineId TIMELINE = TimelineId.of(1);

    private static final int SYSTEM_IDENTIFIER_OFFSET = 24;

    static SampleWal load() throws IOException {
        Path file = Path.of(System.getProperty(FILE, ""));
        byte[] content = Files.readAllBytes(file);
        ByteBuf bytes = Unpooled.directBuffer(content.length).writeBytes(content);
        WalSegmentSize size = WalSegmentSize.DEFAULT;
        WalFormat format = new WalFormat(
                WalPageMagic.of(bytes.getUnsignedShortLE(0)).orElseThrow(),
                size,
                new SystemIdentifier(bytes.getLongLE(SYSTEM_IDENTIFIER_OFFSET)));
        WalFileName name =
                WalFileName.parse(String.valueOf(file.getFileName()), size).orElseThrow();
        return new SampleWal(bytes, format, size.start(name.segmentNumber()));
    }
}
