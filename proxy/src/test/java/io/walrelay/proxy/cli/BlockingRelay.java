package io.walrelay.proxy.cli;

import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.Settings;
import java.util.concurrent.CountDownLatch;

/** A program whose relay does nothing but say on stdout what it is told, for {@link SignalsTest}. */
final class BlockingRelay implements Relay {
    private final CountDownLatch stopped = new CountDownLatch(1);

    public static void main(String[] arguments) {
        System.exit(Main.commandLine(
                        configuration -> {
                            System.out.println("started " + configuration.show(Settings.WAL_SENDER_TIMEOUT));
                            return new BlockingRelay();
                        },
                        once -> 1)
                .execute(arguments));
    }

    @Override
    public void reload(Configuration configuration) {
        System.out.println("reloaded " + configuration.show(Settings.WAL_SENDER_TIMEOUT));
    }

    @Override
    public void stop() {
        System.out.println("stopping");
        stopped.countDown();
    }

    @Override
    public void await() throws InterruptedException {
        // serve listens to signals before it calls this
        System.out.println("waiting");
        stopped.await();
    }
}
