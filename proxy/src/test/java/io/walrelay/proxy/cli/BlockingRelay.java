package io.walrelay.proxy.cli;

import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.Reload;
import io.walrelay.proxy.config.Settings;
import io.walrelay.proxy.session.ShutdownMode;
import java.util.concurrent.CountDownLatch;
import org.slf4j.LoggerFactory;

/**
 * A program whose relay does nothing but say on stdout what it is told, and waits for clients where it may wait for
 * ever, for {@link SignalsTest}.
 */
final class BlockingRelay implements Relay {
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile boolean patient;
    private volatile Configuration configuration;

    private BlockingRelay(Configuration configuration) {
        this.configuration = configuration;
    }

    public static void main(String[] arguments) {
        System.exit(Main.commandLine(
                        configuration -> {
                            System.out.println("started " + configuration.show(Settings.WAL_SENDER_TIMEOUT));
                            return new BlockingRelay(configuration);
                        },
                        purpose -> 1)
                .execute(arguments));
    }

    @Override
    public void reload() {
        Reload read = configuration.reload();
        read.messages().forEach(LoggerFactory.getLogger(BlockingRelay.class)::info);
        configuration = read.configuration();
        patient = configuration.get(Settings.WAL_SENDER_SHUTDOWN_TIMEOUT).isNegative();
        System.out.println("reloaded " + configuration.show(Settings.WAL_SENDER_TIMEOUT));
    }

    @Override
    public void stop(ShutdownMode mode) {
        System.out.println("stopping " + mode);
        if (!patient || mode == ShutdownMode.WITHOUT_CLIENTS) {
            stopped.countDown();
        }
    }

    @Override
    public void await() throws InterruptedException {
        // serve listens to signals before it calls this
        System.out.println("waiting");
        stopped.await();
    }
}
