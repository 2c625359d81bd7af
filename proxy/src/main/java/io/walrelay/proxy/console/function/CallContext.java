package io.walrelay.proxy.console.function;

import io.walrelay.proxy.console.ConsoleClient;
import io.walrelay.proxy.console.catalog.Catalog;
import io.walrelay.proxy.console.state.RelayControl;
import io.walrelay.proxy.console.state.RelayState;
import io.walrelay.proxy.console.type.TextInput;
import io.walrelay.proxy.console.type.TextOutput;
import io.walrelay.wire.error.PgException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;

/** What a function may look at: the session that calls it, the statement, the relay. */
public interface CallContext {
    /** Whose session it is. */
    ConsoleClient client();

    /** The declared relations. */
    Catalog catalog();

    /** The relay as it is now. */
    RelayState relay();

    /** What may be done to the relay. */
    RelayControl control();

    /** When the transaction began. */
    Instant transactionStart();

    /** When the statement began. */
    Instant statementStart();

    /** The session's TimeZone. */
    ZoneId zone();

    /** Reads text in this session. */
    default TextInput input() {
        return new TextInput(zone());
    }

    /** Writes text in this session. */
    default TextOutput output() {
        return new TextOutput(zone());
    }

    /** @throws PgException if the statement has been cancelled */
    void checkCancelled();

    /** Waits. @throws PgException if the statement is cancelled meanwhile */
    void sleep(Duration time);

    /** What is set from now on ends with the transaction. */
    void localSettings();

    /** Tells the client something beside the result. */
    void notice(PgException notice);
}
