package io.walrelay.proxy.query;

import io.walrelay.proxy.console.ConsoleSession;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.BackendMessage;
import io.walrelay.wire.message.ErrorFields;
import io.walrelay.wire.message.FrontendMessage;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;

/**
 * The query protocol of one session: takes messages, gives answers, and stops in the midst of them when the output is
 * full. Owned by one worker at a time, {@link #cancel} excepted. Mirrors {@code PostgresMain} of PostgreSQL's {@code
 * postgres.c}.
 *
 * <pre>
 *              Query                        error
 *   Ready ───────────────► Querying     ┌──────────► Skipping ──┐
 *     ▲ ◄──── all answered ────┘        │                       │ Sync
 *     ├──── Execute ────► Executing ────┤                       │
 *     └◄─ all rows, or enough ─┘        └◄──────────────────────┘
 * </pre>
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-flow.html">Message Flow</a>
 */
public final class QueryProtocol implements AutoCloseable {
    private final ConsoleSession session;
    private final SessionView view;
    private final ClientOutput out;
    private final Interrupts interrupts;
    private final Statements statements = new Statements();
    private final Exchange exchange;
    private final SimpleQuery simple;
    private final ExtendedQuery extended;
    private final Deque<FrontendMessage> pending = new ArrayDeque<>();
    private final Map<String, String> reported = new HashMap<>();
    private Phase phase = new Phase.Ready();

    /** Why it has stopped. */
    public enum Progress {
        /** It has answered everything. */
        IDLE,
        /** The output is full. */
        OUTPUT_FULL,
        /** The session is over. */
        TERMINATED
    }

    /** A session that waits for its first query; {@code out} has not been told of any parameter yet. */
    public QueryProtocol(ConsoleSession session, SessionView view, ClientOutput out, ScheduledExecutorService timer) {
        this.session = session;
        this.view = view;
        this.out = out;
        this.interrupts = new Interrupts(session, timer);
        this.exchange = new Exchange(session, view, out, interrupts, statements);
        this.simple = new SimpleQuery(exchange);
        this.extended = new ExtendedQuery(exchange);
    }

    /** Says that the session waits for a query, and what has changed of what clients are told. */
    public void readyForQuery() {
        report();
        out.send(new BackendMessage.ReadyForQuery((byte) session.transactionStatus()));
    }

    /** Tells the client the settings it is to know, as far as it does not. */
    public void report() {
        view.reported().forEach((name, value) -> {
            if (!value.equals(reported.put(name, value))) {
                out.send(new BackendMessage.ParameterStatus(name, value));
            }
        });
    }

    /** {@code I} outside of a transaction block, {@code T} in one, {@code E} in one that has failed. */
    public char transactionStatus() {
        return session.transactionStatus();
    }

    /** A command that was carried out elsewhere has failed: so does a transaction block. */
    public void failTransaction() {
        session.failTransaction();
    }

    /** Goes on, with more messages or with none, until there is nothing left to do or the output is full. */
    public Progress proceed(List<FrontendMessage> more) {
        pending.addAll(more);
        while (!out.isFull()) {
            switch (phase) {
                case Phase.Querying querying -> queried(simple.goOn(querying));
                case Phase.Executing executing -> phase = extended.goOn(executing);
                case Phase.Terminated terminated -> {
                    return Progress.TERMINATED;
                }
                case Phase.Ready ready -> {
                    FrontendMessage message = pending.poll();
                    if (message == null) {
                        return Progress.IDLE;
                    }
                    take(message);
                }
                case Phase.Skipping skipping -> {
                    FrontendMessage message = pending.poll();
                    if (message == null) {
                        return Progress.IDLE;
                    }
                    skip(message);
                }
            }
        }
        return Progress.OUTPUT_FULL;
    }

    private void skip(FrontendMessage message) {
        switch (message) {
            case FrontendMessage.Sync sync -> sync();
            case FrontendMessage.Terminate terminate -> phase = new Phase.Terminated();
            case FrontendMessage.Unknown unknown -> fatal(unknown.type());
            case FrontendMessage.CopyData copyData -> copyData.data().release();
            default -> {}
        }
    }

    private void take(FrontendMessage message) {
        switch (message) {
            case FrontendMessage.Query query -> queried(simple.begin(query.query()));
            case FrontendMessage.Extended extended -> extended(extended);
            case FrontendMessage.Sync sync -> sync();
            case FrontendMessage.Flush flush -> {
                if (flush.excess() > 0) {
                    phase = extended.failed(PgException.error(SqlState.PROTOCOL_VIOLATION, "invalid message format"));
                }
            }
            case FrontendMessage.FunctionCall call -> {
                exchange.error(
                        PgException.error(SqlState.FEATURE_NOT_SUPPORTED, "fastpath function calls are not supported"));
                session.failTransaction();
                sync();
            }
            case FrontendMessage.Terminate terminate -> phase = new Phase.Terminated();
            // What belongs to a COPY that has failed is passed over.
            case FrontendMessage.CopyData copyData -> copyData.data().release();
            case FrontendMessage.CopyDone done -> {}
            case FrontendMessage.CopyFail fail -> {}
            case FrontendMessage.Password password -> fatal((byte) 'p');
            case FrontendMessage.Unknown unknown -> fatal(unknown.type());
        }
    }

    private void fatal(byte type) {
        out.send(new BackendMessage.ErrorResponse(
                ErrorFields.from(PgException.protocolViolation("invalid frontend message type " + (type & 0xFF)))));
        phase = new Phase.Terminated();
    }

    private void extended(FrontendMessage.Extended message) {
        if (message instanceof FrontendMessage.Extended.Malformed query && query.type() == 'Q') {
            exchange.error(query.problem());
            session.failTransaction();
            sync();
        } else {
            phase = extended.take(message);
        }
    }

    /** A simple query has come so far. */
    private void queried(Phase next) {
        phase = next;
        if (next instanceof Phase.Ready) {
            sync();
        }
    }

    private void closeCurrent() {
        if (phase instanceof Phase.Querying querying && querying.current() != null) {
            querying.current().close();
        }
    }

    /** The end of a query or of a batch. */
    private void sync() {
        phase = new Phase.Ready();
        interrupts.end();
        if (session.transactionStatus() == 'I') {
            statements.closePortals();
        }
        readyForQuery();
    }

    /** Has the statement that runs fail; any thread. */
    public void cancel() {
        interrupts.request(PgException.error(SqlState.QUERY_CANCELED, "canceling statement due to user request"));
    }

    /** The session is over. */
    @Override
    public void close() {
        closeCurrent();
        interrupts.end();
        statements.closePortals();
        pending.forEach(message -> {
            if (message instanceof FrontendMessage.CopyData copyData) {
                copyData.data().release();
            }
        });
        session.close();
    }
}
