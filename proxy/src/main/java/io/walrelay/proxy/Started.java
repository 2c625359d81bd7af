package io.walrelay.proxy;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has been started so far. It is stopped in reverse, and all of it, whatever fails: a lock that is not released or
 * a thread that goes on would keep the next start from working. Owned by who starts, then by who stops.
 */
final class Started {
    private static final Logger log = LoggerFactory.getLogger(Started.class);

    private final Deque<Part> parts = new ArrayDeque<>();

    private record Part(String name, Stop stop) {}

    /** Ends one part. */
    @FunctionalInterface
    interface Stop {
        /** Returns when it has ended. */
        void stop() throws IOException, InterruptedException;
    }

    /** Now this runs, too. */
    void add(String name, Stop stop) {
        parts.push(new Part(name, stop));
    }

    /**
     * Stops everything, the last first. Nothing is left to be stopped afterwards.
     *
     * @throws IOException what failed first; the others are its suppressed exceptions
     */
    void stop() throws IOException {
        IOException failed = null;
        boolean interrupted = false;
        while (!parts.isEmpty()) {
            Part part = parts.pop();
            try {
                part.stop.stop();
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (IOException | RuntimeException e) {
                log.error("could not stop {} properly", part.name, e);
                IOException failure =
                        new IOException("could not stop " + part.name + " properly: " + e.getMessage(), e);
                if (failed == null) {
                    failed = failure;
                } else {
                    failed.addSuppressed(failure);
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failed != null) {
            throw failed;
        }
    }

    /** Stops everything because the start has failed; what fails now as well is told with it. */
    void stopAfter(Exception failedStart) {
        try {
            stop();
        } catch (IOException e) {
            failedStart.addSuppressed(e);
        }
    }
}
