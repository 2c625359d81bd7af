package io.walrelay.proxy.simulation;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/** Keeps the thousand deaths of the program out of the log, unless {@code -Dwalrelay.simulation.log=true}. */
final class QuietLog implements BeforeAllCallback, AfterAllCallback {
    private final Logger log = (Logger) LoggerFactory.getLogger("io.walrelay");

    @Override
    public void beforeAll(ExtensionContext context) {
        if (!Boolean.getBoolean("walrelay.simulation.log")) {
            log.setLevel(Level.OFF);
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        log.setLevel(null);
    }
}
