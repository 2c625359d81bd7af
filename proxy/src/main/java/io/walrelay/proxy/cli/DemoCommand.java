package io.walrelay.proxy.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code walrelay demo}. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = "Start a PostgreSQL primary, a relay and a real standby behind it, and show rows flowing.")
final class DemoCommand implements Callable<Integer> {
    /** Runs it and returns the exit code. */
    @FunctionalInterface
    interface Demo {
        int run(boolean once) throws Exception;
    }

    private final Demo demo;

    @Option(names = "--once", description = "Check that the standby gets every row, say what was proved, and exit.")
    private boolean once;

    DemoCommand(Demo demo) {
        this.demo = demo;
    }

    @Override
    public Integer call() throws Exception {
        return demo.run(once);
    }
}
