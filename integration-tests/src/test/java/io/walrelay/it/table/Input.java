package io.walrelay.it.table;

import io.walrelay.it.support.Landmarks;
import io.walrelay.it.support.RawReplicationClient;
import java.io.IOException;

/**
 * One line of the table.
 *
 * @param name what is sent, as a reader would say it; unique
 * @param conversation what is sent, and what is waited for
 */
record Input(String name, Conversation conversation) {
    /** What one client says on a connection of its own. */
    @FunctionalInterface
    interface Conversation {
        /** Holds it; what the server says is in the client's transcript. */
        void hold(RawReplicationClient client, Landmarks at) throws IOException;
    }

    /** A conversation that begins before the startup packet. */
    static Input fresh(String name, Conversation conversation) {
        return new Input(name, conversation);
    }

    /** A conversation of a logged-in replication connection. */
    static Input loggedIn(String name, Conversation conversation) {
        return new Input(name, (client, at) -> conversation.hold(client.logIn(), at));
    }

    /** A conversation of a replication connection to a database. */
    static Input inDatabase(String name, Conversation conversation) {
        return new Input(name, (client, at) -> conversation.hold(client.logInto("postgres"), at));
    }

    /** One query, and its result. */
    static Input query(String query) {
        return loggedIn(query.isBlank() ? "(" + query.length() + " blanks)" : query, (client, at) -> client.ask(query));
    }
}
