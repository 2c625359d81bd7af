package io.walrelay.proxy.console.state;

import java.util.Optional;

/**
 * Compression on one connection to another relay, since it was made.
 *
 * @param pid of the session; the program's for the walreceiver, which has none
 * @param backendType {@code walsender} or {@code walreceiver}
 * @param applicationName of the client; empty for the walreceiver
 * @param level of zstd; 0 where it is the other side's
 * @param rawBytes as it would have gone without
 * @param wireBytes as it went
 * @param nanos spent in compressing or decompressing
 */
public record CompressionState(
        int pid,
        String backendType,
        Optional<String> applicationName,
        String method,
        int level,
        long rawBytes,
        long wireBytes,
        long nanos) {}
