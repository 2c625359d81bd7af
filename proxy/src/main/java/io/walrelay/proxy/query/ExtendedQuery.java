package io.walrelay.proxy.query;

import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.BackendMessage;
import io.walrelay.wire.message.FrontendMessage;

/**
 * The extended query protocol: Parse, Bind, Describe, Execute, Close. What it gives back is the phase that follows:
 * {@link Phase.Skipping} after an error.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY">Extended Query</a>
 */
final class ExtendedQuery {
    private final Exchange exchange;
    private final Statements statements;

    ExtendedQuery(Exchange exchange) {
        this.exchange = exchange;
        this.statements = exchange.statements();
    }

    Phase take(FrontendMessage.Extended message) {
        try {
            switch (message) {
                case FrontendMessage.Extended.Parse parse -> parse(parse);
                case FrontendMessage.Extended.Bind bind -> bind(bind);
                case FrontendMessage.Extended.Describe describe -> describe(describe);
                case FrontendMessage.Extended.Execute execute -> {
                    return execute(execute);
                }
                case FrontendMessage.Extended.Close close -> close(close);
                case FrontendMessage.Extended.Malformed malformed -> throw malformed.problem();
                case FrontendMessage.Extended.Unread unread ->
                    throw new IllegalStateException("the bodies of the extended protocol were dropped");
            }
            return new Phase.Ready();
        } catch (RuntimeException failure) {
            return failed(exchange.reason(failure));
        }
    }

    /** An error in a batch: the rest of it is passed over. */
    Phase failed(PgException failure) {
        exchange.error(failure);
        return new Phase.Skipping();
    }

    private void parse(FrontendMessage.Extended.Parse parse) {
        statements.requireNew(parse.name());
        exchange.interrupts().begin(exchange.view().statementTimeout());
        int[] types =
                parse.parameterTypes().stream().mapToInt(Integer::intValue).toArray();
        if (parse.name().isEmpty()) {
            statements.closeStatement("");
        }
        statements.add(new Prepared(parse.name(), exchange.session().prepare(parse.query(), types)));
        exchange.interrupts().end();
        exchange.out().send(new BackendMessage.ParseComplete());
    }

    private void bind(FrontendMessage.Extended.Bind bind) {
        Prepared prepared = statements.statement(bind.statement());
        statements.requireNewPortal(bind.portal());
        statements.add(bind.portal(), prepared.bind(bind, exchange.view().style()));
        exchange.out().send(new BackendMessage.BindComplete());
    }

    private void describe(FrontendMessage.Extended.Describe describe) {
        switch (describe.kind()) {
            case 'S' -> {
                Prepared prepared = statements.statement(describe.name());
                exchange.out().send(prepared.parameters());
                exchange.out().send(prepared.rows());
            }
            case 'P' -> exchange.out().send(statements.portal(describe.name()).rows());
            default -> throw invalidSubtype("DESCRIBE", describe.kind());
        }
    }

    private void close(FrontendMessage.Extended.Close close) {
        switch (close.kind()) {
            case 'S' -> statements.closeStatement(close.name());
            case 'P' -> statements.closePortal(close.name());
            default -> throw invalidSubtype("CLOSE", close.kind());
        }
        exchange.out().send(new BackendMessage.CloseComplete());
    }

    private static PgException invalidSubtype(String message, byte kind) {
        return PgException.error(SqlState.PROTOCOL_VIOLATION, "invalid " + message + " message subtype " + kind);
    }

    private Phase execute(FrontendMessage.Extended.Execute execute) {
        Portal portal = statements.portal(execute.portal());
        if (portal.isEmpty()) {
            exchange.out().send(new BackendMessage.EmptyQueryResponse());
            return new Phase.Ready();
        }
        exchange.interrupts().begin(exchange.view().statementTimeout());
        portal.start(exchange.view().style(), exchange.out());
        return new Phase.Executing(portal, execute.maxRows(), 0);
    }

    /** Goes on to the end of the Execute, or until the output is full. */
    Phase goOn(Phase.Executing executing) {
        Portal portal = executing.portal();
        long rows = executing.rows();
        try {
            while (executing.maxRows() <= 0 || rows < executing.maxRows()) {
                BackendMessage row = exchange.next(portal);
                if (row == null) {
                    return ended(portal.complete(rows));
                }
                exchange.out().send(row);
                rows++;
                if (exchange.out().isFull()) {
                    return new Phase.Executing(portal, executing.maxRows(), rows);
                }
            }
            return ended(new BackendMessage.PortalSuspended());
        } catch (RuntimeException failure) {
            portal.close();
            return failed(exchange.reason(failure));
        }
    }

    private Phase ended(BackendMessage last) {
        exchange.interrupts().end();
        exchange.out().send(last);
        return new Phase.Ready();
    }
}
