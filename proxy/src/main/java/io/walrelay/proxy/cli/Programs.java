package io.walrelay.proxy.cli;

import java.io.IOException;

/** The one place where the command line meets the programs that it runs. */
final class Programs {
    static final Relay.Starter RELAY = configuration -> {
        throw new IOException("the relay is not wired to the command line yet");
    };

    static final DemoCommand.Demo DEMO = once -> {
        throw new IOException("the demo is not wired to the command line yet");
    };

    private Programs() {}
}
