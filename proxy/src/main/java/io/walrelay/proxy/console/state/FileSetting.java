package io.walrelay.proxy.console.state;

import java.util.Optional;

/** A row of {@code pg_file_settings}. */
public record FileSetting(
        Optional<String> file,
        int line,
        int number,
        Optional<String> name,
        Optional<String> setting,
        boolean applied,
        Optional<String> error) {}
