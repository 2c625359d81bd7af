package io.walrelay.proxy.console.function;

import static io.walrelay.proxy.console.function.Arguments.integer;

/** What PostgreSQL has no functions for: schema {@code walrelay}. */
final class WalrelayFunctions {
    private WalrelayFunctions() {}

    static Functions all() {
        return new Functions("walrelay")
                .addAdmin("pause_upstream() bool", (c, a) -> c.control().pauseUpstream())
                .addAdmin("resume_upstream() bool", (c, a) -> c.control().resumeUpstream())
                .addAdmin("pause_sender(int4) bool", (c, a) -> c.control().pauseSender(integer(a, 0)))
                .addAdmin("resume_sender(int4) bool", (c, a) -> c.control().resumeSender(integer(a, 0)))
                .addAdmin("end_sender(int4) bool", (c, a) -> c.control().endSender(integer(a, 0)));
    }
}
