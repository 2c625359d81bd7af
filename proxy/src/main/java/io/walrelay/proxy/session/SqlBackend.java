package io.walrelay.proxy.session;

import io.netty.channel.EventLoop;
import io.walrelay.proxy.console.ConsoleClient;
import io.walrelay.proxy.query.QueryProtocol;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.BackendMessage;
import io.walrelay.wire.message.ErrorFields;
import io.walrelay.wire.message.FrontendMessage;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What answers a session's SQL, on workers, as it blocks: the session is handed to one with what has arrived, and
 * handed back with what is to be sent. On the session's event loop but for what says otherwise.
 *
 * <pre>
 *   READY ──── proceed ────► WORKING ──── close ────► CLOSING
 *     ▲ ◄── handed back ────────┘                        │ handed back
 *     └───── close ─────────────────────► CLOSED ◄───────┘
 * </pre>
 */
final class SqlBackend {
    private static final Logger log = LoggerFactory.getLogger(SqlBackend.class);

    private final ConsoleAccess access;
    private final Session session;
    private final EventLoop loop;
    private final ConsoleClient client;
    private final SqlSettings settings;
    private final SqlOutput out = new SqlOutput();
    private volatile State state = State.READY;

    /** Made by the first worker; used by one worker at a time, its cancel() by anybody. */
    private volatile @Nullable QueryProtocol protocol;

    private enum State {
        READY,
        WORKING,
        CLOSING,
        CLOSED
    }

    /** Takes the session back, on its event loop, with what is to be sent. Not called for one that is over. */
    @FunctionalInterface
    interface Return {
        void take(List<BackendMessage> answers, QueryProtocol.Progress progress);
    }

    @FunctionalInterface
    private interface Work {
        QueryProtocol.Progress run();
    }

    SqlBackend(ConsoleAccess access, Session session, ConsoleClient client, SqlSettings settings) {
        this.access = access;
        this.session = session;
        this.loop = session.channel().eventLoop();
        this.client = client;
        this.settings = settings;
    }

    boolean isAdmin() {
        return client.admin();
    }

    SqlSettings settings() {
        return settings;
    }

    /** Has the engine ready, and tells the client what it has to know before its first query. */
    void open(Return back) {
        work(
                () -> {
                    QueryProtocol opened =
                            new QueryProtocol(access.console().open(client), settings, out, access.timer());
                    protocol = opened;
                    opened.report();
                    out.send(new BackendMessage.BackendKeyData(session.pid(), session.key()));
                    opened.readyForQuery();
                    return QueryProtocol.Progress.IDLE;
                },
                back);
    }

    /** Answers these, or goes on with what could not be sent at once. */
    void proceed(List<FrontendMessage> messages, Return back) {
        QueryProtocol ready = opened();
        work(() -> ready.proceed(messages), back);
    }

    private QueryProtocol opened() {
        QueryProtocol ready = protocol;
        if (ready == null) {
            throw new IllegalStateException("never begun");
        }
        return ready;
    }

    private void work(Work work, Return back) {
        state = State.WORKING;
        access.workers(client).execute(() -> {
            QueryProtocol.Progress progress;
            try {
                // Whoever has gone while this waited for a worker is not worth one.
                progress = state == State.CLOSING ? QueryProtocol.Progress.TERMINATED : work.run();
            } catch (RuntimeException e) {
                log.error("{}: unexpected failure", session, e);
                PgException failure = e instanceof PgException known
                        ? known
                        : PgException.fatal(SqlState.INTERNAL_ERROR, e.toString());
                out.send(new BackendMessage.ErrorResponse(ErrorFields.from(failure.asFatal())));
                progress = QueryProtocol.Progress.TERMINATED;
            }
            hand(out.drain(), progress, back);
        });
    }

    /** The worker gives the session back; where its event loop has ended, nobody else is left to close it. */
    private void hand(List<BackendMessage> answers, QueryProtocol.Progress progress, Return back) {
        try {
            loop.execute(() -> {
                if (state == State.CLOSING) {
                    dispose();
                } else {
                    state = State.READY;
                    back.take(answers, progress);
                }
            });
        } catch (RejectedExecutionException ended) {
            QueryProtocol over = protocol;
            if (over != null) {
                over.close();
            }
        }
    }

    /** {@code I}, {@code T} or {@code E}, as ReadyForQuery says it. */
    char transactionStatus() {
        QueryProtocol ready = protocol;
        return ready == null ? 'I' : ready.transactionStatus();
    }

    /** A command that is none of the console's has failed: so does a transaction block. */
    void failTransaction() {
        QueryProtocol ready = protocol;
        if (ready != null) {
            ready.failTransaction();
        }
    }

    /** Has the statement that runs fail; any thread. */
    void cancel() {
        QueryProtocol running = protocol;
        if (running != null) {
            // It may wait for the engine a little: not on an event loop.
            access.timer().execute(running::cancel);
        }
    }

    /** Nothing more is asked; what a worker is at is cancelled, and the rest is given back when it is done. */
    void close() {
        switch (state) {
            case READY -> dispose();
            case WORKING -> {
                state = State.CLOSING;
                cancel();
            }
            case CLOSING, CLOSED -> {}
        }
    }

    private void dispose() {
        state = State.CLOSED;
        QueryProtocol over = protocol;
        if (over != null) {
            access.workers(client).execute(over::close);
        }
    }
}
