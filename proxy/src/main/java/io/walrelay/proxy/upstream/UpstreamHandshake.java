package io.walrelay.proxy.upstream;

import io.walrelay.wire.auth.ChannelBinding;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How far one attempt to log in has come, as what is done next depends on it: written by its handlers, on its channel's
 * loop. Where the server refuses, or TLS fails, before it has let us in, libpq tries the other way if {@code sslmode}
 * leaves it one.
 */
final class UpstreamHandshake {
    private State state = new State.Begun();

    private sealed interface State {
        record Begun() implements State {}

        record Encrypted(Optional<ChannelBinding> binding) implements State {}

        record Refused() implements State {}

        record Authenticated() implements State {}
    }

    /** TLS is on. */
    void encrypted(Optional<ChannelBinding> binding) {
        state = new State.Encrypted(binding);
    }

    /** The server has let us in. */
    void authenticated() {
        state = new State.Authenticated();
    }

    /** The server does not want us so, or TLS has failed. */
    void refused() {
        state = state instanceof State.Authenticated ? state : new State.Refused();
    }

    boolean mayBeTriedOtherwise() {
        return state instanceof State.Refused;
    }

    boolean isEncrypted() {
        return state instanceof State.Encrypted;
    }

    /** What an authentication may be bound to; null in the clear. */
    @Nullable
    ChannelBinding binding() {
        return state instanceof State.Encrypted encrypted ? encrypted.binding().orElse(null) : null;
    }
}
