package io.walrelay.wire.message;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Text rows as bytes; kept beside {@link BackendMessage.DataRow} because a list with nulls needs more than one
 * expression.
 */
final class DataRows {
    private DataRows() {}

    static List<byte @Nullable []> encode(@Nullable String... values) {
        List<byte @Nullable []> row = new ArrayList<>(values.length);
        for (String value : values) {
            row.add(value == null ? null : WireText.encode(value));
        }
        return Collections.unmodifiableList(row);
    }
}
