package io.walrelay.proxy.session;

import io.walrelay.proxy.query.QueryProtocol;
import io.walrelay.wire.message.BackendMessage;
import io.walrelay.wire.message.FrontendMessage;
import java.util.List;

/**
 * SQL on a connection for replication that is connected to a database ({@code replication=database}): what is no
 * replication command goes to the console, in simple queries only. On the client's event loop. Mirrors what {@code
 * PostgresMain} does where {@code exec_replication_command} finds no command.
 */
final class SqlCommands {
    private final Session session;
    private final Conversation conversation;
    private final SqlBackend backend;

    SqlCommands(Session session, Conversation conversation, SqlBackend backend) {
        this.session = session;
        this.conversation = conversation;
        this.backend = backend;
    }

    /** Has the engine ready, tells the client what it has to know, and waits for its first command. */
    void begin() {
        session.channel().config().setAutoRead(false);
        conversation.become(new Activity.Querying());
        backend.open(this::take);
    }

    /** The statements of a simple query. */
    void execute(String query) {
        session.channel().config().setAutoRead(false);
        conversation.become(new Activity.Querying());
        backend.proceed(List.of(new FrontendMessage.Query(query)), this::take);
    }

    private void take(List<BackendMessage> answers, QueryProtocol.Progress progress) {
        answers.forEach(conversation::send);
        session.channel().flush();
        if (conversation.activity() instanceof Activity.Querying querying) {
            switch (progress) {
                case TERMINATED -> conversation.closeAfterFlush();
                case OUTPUT_FULL -> goOnWhenWritable(querying);
                // It has ended with ReadyForQuery.
                case IDLE -> conversation.goOn(querying.meanwhile(), conversation::awaitClient);
            }
        }
    }

    private void goOnWhenWritable(Activity.Querying querying) {
        Activity.Unsent unsent = new Activity.Unsent(querying.meanwhile());
        conversation.become(unsent);
        if (session.channel().isWritable()) {
            goOn(unsent);
        }
    }

    /** The client takes more of its answer. */
    void goOn(Activity.Unsent unsent) {
        conversation.become(new Activity.Querying(unsent.meanwhile()));
        backend.proceed(List.of(), this::take);
    }
}
