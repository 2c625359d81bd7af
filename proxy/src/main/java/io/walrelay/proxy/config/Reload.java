package io.walrelay.proxy.config;

import java.util.ArrayList;
import java.util.List;

/** What a reload brought.
 *
 * @param configuration the snapshot to use from now on
 * @param changed the settings whose values differ from before
 * @param pendingRestart the settings that the file changes but that only a restart can change
 */
public record Reload(Configuration configuration, List<Setting<?>> changed, List<Setting<?>> pendingRestart) {
    public Reload {
        changed = List.copyOf(changed);
        pendingRestart = List.copyOf(pendingRestart);
    }

    /** What to log, one message each, in PostgreSQL's words. */
    public List<String> messages() {
        List<String> messages = new ArrayList<>();
        for (Setting<?> setting : pendingRestart) {
            messages.add("parameter \"%s\" cannot be changed without restarting the server".formatted(setting));
        }
        for (Setting<?> setting : changed) {
            messages.add(
                    configuration.origin(setting) instanceof Origin.Default
                            ? "parameter \"%s\" removed from configuration file, reset to default".formatted(setting)
                            : "parameter \"%s\" changed to \"%s\"".formatted(setting, configuration.show(setting)));
        }
        return messages;
    }
}
