package io.walrelay.proxy.simulation;

/** The program has ended, by a power failure or by its own decision: nothing of it does anything any more. */
final class Crash extends Error {
    private static final long serialVersionUID = 1L;

    Crash(String reason) {
        super(reason);
    }
}
