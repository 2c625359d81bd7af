package io.walrelay.wire.compression;

import io.walrelay.wire.message.StartupPacket;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The protocol option {@value #NAME} of a start-up message: what the client would have a COPY BOTH compressed with. A
 * server that does not know it says so in NegotiateProtocolVersion, or, before that was invented, says nothing. So one
 * that agrees confirms it, by a ParameterStatus of this name and the value {@value #METHOD}.
 *
 * @param level the zstd level that the client asks for, 1 to {@value #MAX_LEVEL}; empty if the server is to choose
 * @see <a href="https://www.postgresql.org/docs/current/protocol-message-formats.html">StartupMessage</a>
 */
public record CompressionOption(OptionalInt level) {
    /** Options that begin with {@code _pq_.} are the protocol's, not the server's settings. */
    public static final String NAME = "_pq_.walrelay_compression";

    /** The only method there is. */
    public static final String METHOD = "zstd";

    /** More costs many times the memory and CPU, and saves next to nothing of WAL. */
    public static final int MAX_LEVEL = 9;

    private static final Pattern VALUE = Pattern.compile(METHOD + "(?::([1-" + MAX_LEVEL + "]))?");

    /** The wish of a client, if it has one that can be met. */
    public static Optional<CompressionOption> of(StartupPacket.StartupMessage message) {
        return Optional.ofNullable(message.parameters().get(NAME))
                .map(VALUE::matcher)
                .filter(Matcher::matches)
                .map(value -> new CompressionOption(
                        value.group(1) == null
                                ? OptionalInt.empty()
                                : OptionalInt.of(Integer.parseInt(value.group(1)))));
    }

    /** As it stands in the start-up message: {@code zstd} or {@code zstd:3}. */
    public String value() {
        return level.isPresent() ? METHOD + ":" + level.getAsInt() : METHOD;
    }
}
