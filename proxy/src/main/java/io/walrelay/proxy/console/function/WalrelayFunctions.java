package io.walrelay.proxy.console.function;

import static io.walrelay.proxy.console.function.Arguments.integer;

import io.walrelay.proxy.console.state.RelayControl;
import org.jspecify.annotations.Nullable;

/** What PostgreSQL has no functions for: schema {@code walrelay}. */
final class WalrelayFunctions {
    private WalrelayFunctions() {}

    @FunctionalInterface
    private interface OfSender {
        boolean done(RelayControl control, int pid);
    }

    private static boolean of(CallContext context, @Nullable Object[] arguments, OfSender what) {
        int pid = integer(arguments, 0);
        AdminFunctions.warnUnlessExists(context, pid);
        return what.done(context.control(), pid);
    }

    static Functions all() {
        return new Functions("walrelay")
                .addAdmin("pause_upstream() bool", (c, a) -> c.control().pauseUpstream())
                .addAdmin("resume_upstream() bool", (c, a) -> c.control().resumeUpstream())
                .addAdmin("pause_sender(int4) bool", (c, a) -> of(c, a, RelayControl::pauseSender))
                .addAdmin("resume_sender(int4) bool", (c, a) -> of(c, a, RelayControl::resumeSender))
                .addAdmin("end_sender(int4) bool", (c, a) -> of(c, a, RelayControl::endSender));
    }
}
