package io.walrelay.proxy.console.engine;

import io.walrelay.proxy.console.ConsoleSettings;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A session's transaction block: nothing is changed in it but settings. */
final class Transaction {
    private sealed interface State {}

    /** None. */
    private record Idle() implements State {}

    /** @param before settings at its beginning */
    private record Open(Instant started, Map<String, String> before) implements State {}

    /** One that only a ROLLBACK ends. */
    private record Failed(Instant started, Map<String, String> before) implements State {}

    private volatile State state = new Idle();
    private @Nullable Map<String, String> beforeLocal;

    char status() {
        return switch (state) {
            case Idle idle -> 'I';
            case Open open -> 'T';
            case Failed failed -> 'E';
        };
    }

    Optional<Instant> started() {
        return switch (state) {
            case Idle idle -> Optional.empty();
            case Open open -> Optional.of(open.started());
            case Failed failed -> Optional.of(failed.started());
        };
    }

    void begin(ConsoleSettings settings) {
        state = new Open(Instant.now(), settings.save());
    }

    void fail() {
        if (state instanceof Open open) {
            state = new Failed(open.started(), open.before());
        }
    }

    /** Ends it; false if it had failed, and so what was set in it is undone. */
    boolean commit(ConsoleSettings settings) {
        if (state instanceof Failed) {
            rollback(settings);
            return false;
        }
        endLocal(settings);
        state = new Idle();
        return true;
    }

    void rollback(ConsoleSettings settings) {
        switch (state) {
            case Idle idle -> endLocal(settings);
            case Open open -> settings.restore(open.before());
            case Failed failed -> settings.restore(failed.before());
        }
        beforeLocal = null;
        state = new Idle();
    }

    /** What is set from now on ends with the transaction. */
    void settingsAreLocal(ConsoleSettings settings) {
        if (beforeLocal == null) {
            beforeLocal = settings.save();
        }
    }

    /** Outside of a block, the end of a statement is that of its transaction. */
    void statementEnded(ConsoleSettings settings) {
        if (state instanceof Idle) {
            endLocal(settings);
        }
    }

    private void endLocal(ConsoleSettings settings) {
        Map<String, String> saved = beforeLocal;
        if (saved != null) {
            beforeLocal = null;
            settings.restore(saved);
        }
    }
}
