package io.walrelay.proxy.cli;

import io.walrelay.proxy.demo.Demo.Purpose;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
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
        int run(Purpose purpose) throws Exception;
    }

    /** What may be said, one of them at most. */
    private static final class Ending {
        @Option(names = "--once", description = "Check that the standby gets every row, say what was proved, and exit.")
        private boolean once;

        @Option(names = "--rehearse", hidden = true, description = "Do what relays do, for Java to learn, and exit.")
        private boolean rehearse;

        Purpose purpose() {
            if (rehearse) {
                return Purpose.REHEARSE;
            }
            return once ? Purpose.PROVE : Purpose.SHOW;
        }
    }

    private final Demo demo;

    @ArgGroup
    private Ending ending = new Ending();

    DemoCommand(Demo demo) {
        this.demo = demo;
    }

    @Override
    public Integer call() throws Exception {
        return demo.run(ending.purpose());
    }
}
