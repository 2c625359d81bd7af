package io.walrelay.bench.stage;

import java.io.IOException;

/** This machine lacks something without which a case cannot be measured; the message says what, and how to get it. */
public final class Unavailable extends IOException {
    private static final long serialVersionUID = 1L;

    /** Says what is lacking. */
    public Unavailable(String message) {
        super(message);
    }
}
