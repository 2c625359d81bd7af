package io.walrelay.proxy.console;

/** The SQL of all ordinary connections. It costs nothing before the first of them. Any thread. */
public interface Console {
    /** Begins the session of a client that has logged in. Blocks while the first one loads the engine. */
    ConsoleSession open(ConsoleClient client);
}
