package io.walrelay.proxy.session;

import io.walrelay.proxy.query.ClientOutput;
import io.walrelay.wire.message.BackendMessage;
import java.util.ArrayList;
import java.util.List;

/** A chunk of a session's answers. Owned by the worker that has the session. */
final class SqlOutput implements ClientOutput {
    /** How much is handed to the event loop at once, in bytes of row values, and how many messages. */
    private static final int CHUNK = 64 << 10;

    private static final int MESSAGE = 32;

    private List<BackendMessage> messages = new ArrayList<>();
    private int size;

    @Override
    public void send(BackendMessage message) {
        messages.add(message);
        size += MESSAGE;
        if (message instanceof BackendMessage.DataRow row) {
            row.values().forEach(value -> size += value == null ? 0 : value.length);
        }
    }

    @Override
    public boolean isFull() {
        return size >= CHUNK;
    }

    /** What is to be sent now. */
    List<BackendMessage> drain() {
        List<BackendMessage> chunk = messages;
        messages = new ArrayList<>();
        size = 0;
        return chunk;
    }
}
