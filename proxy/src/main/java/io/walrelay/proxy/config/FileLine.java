package io.walrelay.proxy.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A line of the configuration file, or of a file that it includes, and what a reload would make of it: a row of {@code
 * pg_file_settings}.
 *
 * @param file empty for a setting that stands in none any more
 * @param line counted from 1; 0 where it is the file as a whole
 * @param name as written; empty if the line could not be read
 * @param shown the value as written, without secrets; empty where it is no value of this setting and may hold a
 *     password
 * @param applied whether it is good, and no later line replaces it
 * @param error in PostgreSQL's words
 */
public record FileLine(
        Optional<Path> file,
        int line,
        Optional<String> name,
        Optional<String> shown,
        boolean applied,
        Optional<String> error) {
    static FileLine nowhere(String error) {
        return new FileLine(Optional.empty(), 0, Optional.empty(), Optional.empty(), false, Optional.of(error));
    }
}
