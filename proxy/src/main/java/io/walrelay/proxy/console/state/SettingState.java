package io.walrelay.proxy.console.state;

import java.util.List;
import java.util.Optional;

/**
 * A row of {@code pg_settings}.
 *
 * @param setting in its unit
 * @param varType {@code bool}, {@code enum}, {@code integer}, {@code real} or {@code string}
 * @param context {@code postmaster}, {@code sighup}, {@code user}, {@code internal}
 * @param source {@code default}, {@code configuration file}, {@code command line}
 * @param shown as SHOW shows it
 */
public record SettingState(
        String name,
        String setting,
        Optional<String> unit,
        String category,
        String shortDescription,
        String context,
        String varType,
        String source,
        Optional<String> minimum,
        Optional<String> maximum,
        List<String> choices,
        String bootValue,
        Optional<String> sourceFile,
        int sourceLine,
        boolean pendingRestart,
        String shown) {
    /** Copies the list. */
    public SettingState {
        choices = List.copyOf(choices);
    }
}
