package io.walrelay.proxy.config;

import java.util.List;

/** What a reload brought.
 *
 * @param configuration the snapshot to use from now on
 * @param applied whether the file could be read and knows all its settings; else nothing has changed
 * @param messages what to log, in PostgreSQL's words
 */
public record Reload(Configuration configuration, boolean applied, List<String> messages) {
    public Reload {
        messages = List.copyOf(messages);
    }
}
