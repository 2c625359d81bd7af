package io.walrelay.proxy.session;

import io.walrelay.wire.tls.ServerContext;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * What connections are encrypted with.
 *
 * @param context at each moment; empty while {@code ssl} is off
 * @param tasks does what takes long in a handshake
 */
public record DownstreamTls(Supplier<Optional<ServerContext>> context, Executor tasks) {
    /** No connection is encrypted. */
    public static final DownstreamTls OFF = new DownstreamTls(Optional::empty, Runnable::run);
}
