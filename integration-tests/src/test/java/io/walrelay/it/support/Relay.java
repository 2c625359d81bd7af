package io.walrelay.it.support;

import java.io.Closeable;
import java.io.IOException;

/** A relay under test, however it runs. */
public interface Relay extends Closeable {
    /** The port of 127.0.0.1 where it listens. */
    int port();

    /** How a standby or another relay names it. */
    default String conninfo() {
        return "host=127.0.0.1 port=" + port() + " user=postgres";
    }

    @Override
    void close() throws IOException;
}
