package io.walrelay.it.support;

import io.walrelay.replication.Lsn;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * What a server sent on one connection, as lines of text, so that two servers can be compared.
 *
 * <p>Three things are left to the server: the order of ParameterStatus messages in a row (a hash order from PostgreSQL
 * 16 on), the cutting of WAL into messages (only the bytes count here), and keepalives nobody asked for. Process ids
 * are replaced by {@code <pid>}.
 */
public final class Transcript {
    private final List<String> lines = new ArrayList<>();
    private final List<String> parameters = new ArrayList<>();
    private final Stream stream = new Stream();

    /** A run of XLogData messages, each of which continues the one before. */
    private static final class Stream {
        private Lsn start = Lsn.INVALID;
        private Lsn end = Lsn.INVALID;
        private Lsn walEnd = Lsn.INVALID;
        private CRC32C crc = new CRC32C();
        private boolean open;
    }

    void add(String line) {
        flush();
        lines.add(line.replaceAll("PID \\d+", "PID <pid>"));
    }

    void addParameterStatus(String nameAndValue) {
        endStream();
        parameters.add("ParameterStatus " + nameAndValue);
    }

    void addWal(Lsn start, Lsn walEnd, byte[] data) {
        if (stream.open && !stream.end.equals(start)) {
            add("gap: WAL goes on at " + start);
        }
        if (!stream.open) {
            flush();
            stream.open = true;
            stream.start = start;
            stream.crc = new CRC32C();
        }
        stream.crc.update(data);
        stream.end = start.plus(data.length);
        stream.walEnd = walEnd;
    }

    /** How far the WAL goes that has come since the last other message. */
    Lsn walEnd() {
        return stream.open ? stream.end : Lsn.INVALID;
    }

    /** The lines so far. */
    public List<String> lines() {
        flush();
        return Collections.unmodifiableList(lines);
    }

    @Override
    public String toString() {
        return String.join("\n", lines());
    }

    private void flush() {
        Collections.sort(parameters);
        lines.addAll(parameters);
        parameters.clear();
        endStream();
    }

    private void endStream() {
        if (stream.open) {
            stream.open = false;
            lines.add(String.format(
                    Locale.ROOT,
                    "XLogData %s to %s, end of WAL %s, CRC %08X",
                    stream.start,
                    stream.end,
                    stream.walEnd,
                    stream.crc.getValue()));
        }
    }
}
