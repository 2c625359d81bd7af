package io.walrelay.proxy.console.state;

import java.util.List;
import java.util.Optional;

/** A row of {@code pg_hba_file_rules}. */
public record HbaLine(
        String file,
        int line,
        Optional<String> type,
        List<String> databases,
        List<String> users,
        Optional<String> address,
        Optional<String> netmask,
        Optional<String> method,
        List<String> options,
        Optional<String> error) {
    /** Copies the lists. */
    public HbaLine {
        databases = List.copyOf(databases);
        users = List.copyOf(users);
        options = List.copyOf(options);
    }
}
