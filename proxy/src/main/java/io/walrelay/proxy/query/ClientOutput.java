package io.walrelay.proxy.query;

import io.walrelay.wire.message.BackendMessage;

/** Where the answers of a session go. */
public interface ClientOutput {
    /** Takes one more. */
    void send(BackendMessage message);

    /** Whether what it has is to be sent before there is more. */
    boolean isFull();
}
