package io.walrelay.proxy.console.engine;

import io.walrelay.proxy.console.ConsoleResult;
import io.walrelay.wire.error.PgException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows that are known beforehand, or none. */
final class FixedResult implements ConsoleResult {
    private final List<List<String>> rows;
    private final String tag;
    private final List<PgException> notices;
    private int next;

    FixedResult(String tag) {
        this(List.of(), tag, List.of());
    }

    FixedResult(String tag, List<PgException> notices) {
        this(List.of(), tag, notices);
    }

    FixedResult(List<List<String>> rows, String tag) {
        this(rows, tag, List.of());
    }

    private FixedResult(List<List<String>> rows, String tag, List<PgException> notices) {
        this.rows = rows;
        this.tag = tag;
        this.notices = notices;
    }

    @Override
    public boolean next() {
        return next++ < rows.size();
    }

    @Override
    public @Nullable Object value(int column) {
        return rows.get(next - 1).get(column);
    }

    @Override
    public String commandTag(long count) {
        return tag;
    }

    @Override
    public List<PgException> notices() {
        return notices;
    }

    @Override
    public void close() {
        // holds nothing
    }
}
