package io.walrelay.proxy.query;

import io.walrelay.proxy.console.ConsoleSession;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.message.BackendMessage;
import io.walrelay.wire.message.ErrorFields;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the two query protocols of a session share: what it is asked with, and how an error is told. On the session's
 * worker.
 */
record Exchange(
        ConsoleSession session, SessionView view, ClientOutput out, Interrupts interrupts, Statements statements) {
    private static final Logger log = LoggerFactory.getLogger(Exchange.class);

    /** The next row, unless the statement is to end. */
    @Nullable
    BackendMessage next(Portal portal) {
        interrupts.reason().ifPresent(reason -> {
            throw reason;
        });
        return portal.next();
    }

    /** The reason that the client is told: the one that was asked for, where the engine knows only that it was. */
    PgException reason(RuntimeException failure) {
        PgException told = interrupts
                .reason()
                .orElseGet(() -> PgException.of(
                        failure, unexpected -> log.error("unexpected failure of a statement", unexpected)));
        interrupts.end();
        session.failTransaction();
        return told;
    }

    void error(PgException failure) {
        log.debug("{}: {}", failure.sqlState(), failure.message());
        out.send(new BackendMessage.ErrorResponse(ErrorFields.from(failure)));
    }
}
