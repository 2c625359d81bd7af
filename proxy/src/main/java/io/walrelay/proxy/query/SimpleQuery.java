package io.walrelay.proxy.query;

import io.walrelay.proxy.console.ConsoleStatement;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.message.BackendMessage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The simple query protocol: the statements of a Query, one after the other. Mirrors {@code exec_simple_query} of
 * postgres.c. What it gives back is the phase that follows; {@link Phase.Ready} where the query has ended.
 */
final class SimpleQuery {
    private final Exchange exchange;

    SimpleQuery(Exchange exchange) {
        this.exchange = exchange;
    }

    Phase begin(String text) {
        exchange.statements().closeStatement("");
        exchange.statements().closePortal("");
        try {
            List<String> parts = exchange.session().statements(text);
            if (parts.isEmpty()) {
                exchange.out().send(new BackendMessage.EmptyQueryResponse());
            }
            return new Phase.Querying(text, parts.iterator(), 0, null, 0);
        } catch (RuntimeException refused) {
            exchange.error(exchange.reason(refused));
            return new Phase.Ready();
        }
    }

    /** Goes on to the end of the statement that runs, or of the next, or until the output is full. */
    Phase goOn(Phase.Querying querying) {
        Portal portal = querying.current();
        int offset = querying.offset();
        long rows = querying.rows();
        try {
            if (portal == null) {
                if (!querying.statements().hasNext()) {
                    return new Phase.Ready();
                }
                String sql = querying.statements().next();
                offset = Math.max(offset, querying.text().indexOf(sql, offset));
                portal = prepare(sql);
                start(portal);
                offset += sql.length();
            }
            BackendMessage row = exchange.next(portal);
            for (; row != null; row = exchange.next(portal)) {
                exchange.out().send(row);
                rows++;
                if (exchange.out().isFull()) {
                    return new Phase.Querying(querying.text(), querying.statements(), offset, portal, rows);
                }
            }
            exchange.out().send(portal.complete(rows));
            portal.close();
            exchange.interrupts().end();
            return new Phase.Querying(querying.text(), querying.statements(), offset, null, 0);
        } catch (RuntimeException failure) {
            close(portal);
            exchange.error(placed(exchange.reason(failure), querying.text(), offset));
            return new Phase.Ready();
        }
    }

    private Portal prepare(String sql) {
        exchange.interrupts().begin(exchange.view().statementTimeout());
        ConsoleStatement statement = exchange.session().prepare(sql, new int[0]);
        return new Portal("", statement, List.of(), statement.columns());
    }

    private void start(Portal portal) {
        portal.start(exchange.view().style(), exchange.out());
        if (portal.givesRows()) {
            exchange.out().send(portal.rows());
        }
    }

    private static void close(@Nullable Portal portal) {
        if (portal != null) {
            portal.close();
        }
    }

    /** A position counts from the beginning of the whole text. */
    private static PgException placed(PgException error, String text, int offset) {
        return error.position().isPresent()
                ? error.withPosition(error.position().getAsInt() + text.codePointCount(0, offset))
                : error;
    }
}
