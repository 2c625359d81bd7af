package io.walrelay.proxy.config;

import java.nio.file.Path;

/** Where a value comes from: the {@code source}, {@code sourcefile} and {@code sourceline} columns of pg_settings. */
public sealed interface Origin {
    /** Nobody set it. */
    record Default() implements Origin {}

    /** A line of the file, or of a file that it includes.
     *
     * @param line counted from 1
     */
    record File(Path file, int line) implements Origin {}

    /** {@code -c name=value}. */
    record CommandLine() implements Origin {}

    /** The end of a message that says where something is wrong. */
    default String place() {
        return switch (this) {
            case Default nobody -> "";
            case File at -> " in file \"%s\" line %d".formatted(at.file(), at.line());
            case CommandLine options -> " on the command line";
        };
    }
}
