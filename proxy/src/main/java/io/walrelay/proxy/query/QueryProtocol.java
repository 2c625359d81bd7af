package io.walrelay.proxy.query;

import io.walrelay.proxy.console.ConsoleSession;
import io.walrelay.proxy.console.ConsoleStatement;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The query protocol of one session: takes messages, gives answers, and stops in the midst of them when the output is full. Owned by one
 * worker at a time, {@link #cancel} excepted. Mirrors {@code PostgresMain} of PostgreSQL's {@code postgres.c}.
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
    private static final Logger log = LoggerFactory.getLogger(QueryProtocol.class);

    private final ConsoleSession session;
    private final SessionView view;
    private final ClientOutput out;
    private final Interrupts interrupts;
    private final Statements statements = new Statements();
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
                case Phase.Querying querying -> goOn(querying);
                case Phase.Executing executing -> goOn(executing);
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
            case FrontendMessage.Query query -> query(query.query());
            case FrontendMessage.Extended extended -> extended(extended);
            case FrontendMessage.Sync sync -> sync();
            case FrontendMessage.Flush flush -> {
                if (flush.excess() > 0) {
                    failBatch(PgException.error(SqlState.PROTOCOL_VIOLATION, "invalid message format"));
                }
            }
            case FrontendMessage.FunctionCall call -> {
                error(PgException.error(SqlState.FEATURE_NOT_SUPPORTED, "fastpath function calls are not supported"));
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

    private void query(String text) {
        statements.closeStatement("");
        statements.closePortal("");
        try {
            List<String> parts = session.statements(text);
            if (parts.isEmpty()) {
                out.send(new BackendMessage.EmptyQueryResponse());
            }
            phase = new Phase.Querying(text, parts.iterator(), 0, null, 0);
        } catch (RuntimeException refused) {
            error(reason(refused));
            sync();
        }
    }

    private void goOn(Phase.Querying querying) {
        Portal portal = querying.current();
        int offset = querying.offset();
        long rows = querying.rows();
        try {
            if (portal == null) {
                if (!querying.statements().hasNext()) {
                    sync();
                    return;
                }
                String sql = querying.statements().next();
                offset = Math.max(offset, querying.text().indexOf(sql, offset));
                interrupts.begin(view.statementTimeout());
                ConsoleStatement statement = session.prepare(sql, new int[0]);
                portal = new Portal("", statement, List.of(), statement.columns());
                phase = new Phase.Querying(querying.text(), querying.statements(), offset, portal, 0);
                portal.start(view.style(), out);
                if (portal.givesRows()) {
                    out.send(portal.rows());
                }
                offset += sql.length();
            }
            BackendMessage row = next(portal);
            for (; row != null; row = next(portal)) {
                out.send(row);
                rows++;
                if (out.isFull()) {
                    phase = new Phase.Querying(querying.text(), querying.statements(), offset, portal, rows);
                    return;
                }
            }
            out.send(portal.complete(rows));
            portal.close();
            interrupts.end();
            phase = new Phase.Querying(querying.text(), querying.statements(), offset, null, 0);
        } catch (RuntimeException failure) {
            closeCurrent();
            error(placed(reason(failure), querying.text(), offset));
            sync();
        }
    }

    private void closeCurrent() {
        if (phase instanceof Phase.Querying querying && querying.current() != null) {
            querying.current().close();
        }
    }

    /** A position counts from the beginning of the whole text. */
    private static PgException placed(PgException error, String text, int offset) {
        return error.position().isPresent()
                ? error.withPosition(error.position().getAsInt() + text.codePointCount(0, offset))
                : error;
    }

    /** The next row, unless the statement is to end. */
    private @Nullable BackendMessage next(Portal portal) {
        interrupts.reason().ifPresent(reason -> {
            throw reason;
        });
        return portal.next();
    }

    private void extended(FrontendMessage.Extended message) {
        if (message instanceof FrontendMessage.Extended.Malformed query && query.type() == 'Q') {
            error(query.problem());
            session.failTransaction();
            sync();
            return;
        }
        try {
            switch (message) {
                case FrontendMessage.Extended.Parse parse -> parse(parse);
                case FrontendMessage.Extended.Bind bind -> bind(bind);
                case FrontendMessage.Extended.Describe describe -> describe(describe);
                case FrontendMessage.Extended.Execute execute -> execute(execute);
                case FrontendMessage.Extended.Close close -> close(close);
                case FrontendMessage.Extended.Malformed malformed -> throw malformed.problem();
                case FrontendMessage.Extended.Unread unread ->
                    throw new IllegalStateException("the bodies of the extended protocol were dropped");
            }
        } catch (RuntimeException failure) {
            failBatch(reason(failure));
        }
    }

    private void parse(FrontendMessage.Extended.Parse parse) {
        statements.requireNew(parse.name());
        interrupts.begin(view.statementTimeout());
        int[] types =
                parse.parameterTypes().stream().mapToInt(Integer::intValue).toArray();
        if (parse.name().isEmpty()) {
            statements.closeStatement("");
        }
        statements.add(new Prepared(parse.name(), session.prepare(parse.query(), types)));
        interrupts.end();
        out.send(new BackendMessage.ParseComplete());
    }

    private void bind(FrontendMessage.Extended.Bind bind) {
        Prepared prepared = statements.statement(bind.statement());
        statements.requireNewPortal(bind.portal());
        statements.add(bind.portal(), prepared.bind(bind, view.style()));
        out.send(new BackendMessage.BindComplete());
    }

    private void describe(FrontendMessage.Extended.Describe describe) {
        switch (describe.kind()) {
            case 'S' -> {
                Prepared prepared = statements.statement(describe.name());
                out.send(prepared.parameters());
                out.send(prepared.rows());
            }
            case 'P' -> out.send(statements.portal(describe.name()).rows());
            default -> throw invalidSubtype("DESCRIBE", describe.kind());
        }
    }

    private void close(FrontendMessage.Extended.Close close) {
        switch (close.kind()) {
            case 'S' -> statements.closeStatement(close.name());
            case 'P' -> statements.closePortal(close.name());
            default -> throw invalidSubtype("CLOSE", close.kind());
        }
        out.send(new BackendMessage.CloseComplete());
    }

    private static PgException invalidSubtype(String message, byte kind) {
        return PgException.error(SqlState.PROTOCOL_VIOLATION, "invalid " + message + " message subtype " + kind);
    }

    private void execute(FrontendMessage.Extended.Execute execute) {
        Portal portal = statements.portal(execute.portal());
        if (portal.isEmpty()) {
            out.send(new BackendMessage.EmptyQueryResponse());
            return;
        }
        interrupts.begin(view.statementTimeout());
        portal.start(view.style(), out);
        phase = new Phase.Executing(portal, execute.maxRows(), 0);
    }

    private void goOn(Phase.Executing executing) {
        Portal portal = executing.portal();
        long rows = executing.rows();
        try {
            while (executing.maxRows() <= 0 || rows < executing.maxRows()) {
                BackendMessage row = next(portal);
                if (row == null) {
                    ended(portal.complete(rows));
                    return;
                }
                out.send(row);
                rows++;
                if (out.isFull()) {
                    phase = new Phase.Executing(portal, executing.maxRows(), rows);
                    return;
                }
            }
            ended(new BackendMessage.PortalSuspended());
        } catch (RuntimeException failure) {
            portal.close();
            failBatch(reason(failure));
        }
    }

    private void ended(BackendMessage last) {
        interrupts.end();
        out.send(last);
        phase = new Phase.Ready();
    }

    /** The reason that the client is told: the one that was asked for, where the engine knows only that it was. */
    private PgException reason(RuntimeException failure) {
        PgException told = interrupts
                .reason()
                .orElseGet(() -> PgException.of(
                        failure, unexpected -> log.error("unexpected failure of a statement", unexpected)));
        interrupts.end();
        session.failTransaction();
        return told;
    }

    private void failBatch(PgException failure) {
        error(failure);
        phase = new Phase.Skipping();
    }

    private void error(PgException failure) {
        log.debug("{}: {}", failure.sqlState(), failure.message());
        out.send(new BackendMessage.ErrorResponse(ErrorFields.from(failure)));
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
