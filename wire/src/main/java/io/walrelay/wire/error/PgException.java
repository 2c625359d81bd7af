package io.walrelay.wire.error;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A failure that is reported in PostgreSQL's terms: what an ErrorResponse says. Severity {@link Severity#ERROR} ends a
 * command, {@link Severity#FATAL} the session. Immutable: {@link #withDetail} and the like return a changed copy.
 *
 * <p>Message, detail and hint follow PostgreSQL's
 * <a href="https://www.postgresql.org/docs/current/error-style-guide.html">error message style guide</a>; where
 * PostgreSQL reports the same failure, they are its own words.
 */
public final class PgException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Severity severity;
    private final SqlState sqlState;
    private final @Nullable String detail;
    private final @Nullable String hint;
    private final int position;

    /** A failure with all that can be said of it; the factories below read better. */
    public PgException(
            Severity severity,
            SqlState sqlState,
            String message,
            @Nullable String detail,
            @Nullable String hint,
            @Nullable Throwable cause) {
        this(severity, sqlState, message, detail, hint, 0, cause);
    }

    private PgException(
            Severity severity,
            SqlState sqlState,
            String message,
            @Nullable String detail,
            @Nullable String hint,
            int position,
            @Nullable Throwable cause) {
        super(message, cause);
        this.severity = severity;
        this.sqlState = sqlState;
        this.detail = detail;
        this.hint = hint;
        this.position = position;
    }

    /** A failure that ends the command. */
    public static PgException error(SqlState sqlState, String message) {
        return new PgException(Severity.ERROR, sqlState, message, null, null, null);
    }

    /** A failure that ends the session. */
    public static PgException fatal(SqlState sqlState, String message) {
        return new PgException(Severity.FATAL, sqlState, message, null, null, null);
    }

    /** FATAL 08P01: the peer broke the protocol. */
    public static PgException protocolViolation(String message) {
        return fatal(SqlState.PROTOCOL_VIOLATION, message);
    }

    /** FATAL 28P01: the password is wrong, or the user is unknown or has none; nobody learns which. */
    public static PgException passwordFailed(String user) {
        return fatal(SqlState.INVALID_PASSWORD, "password authentication failed for user \"" + user + "\"");
    }

    /**
     * What a future has failed with, without the wrapping that futures put around it.
     *
     * @param unexpected told of a failure that nobody has put in PostgreSQL's terms, a defect: it becomes XX000
     */
    public static PgException of(Throwable failure, Consumer<? super Throwable> unexpected) {
        Throwable cause = unwrapped(failure);
        if (cause instanceof PgException known) {
            return known;
        }
        unexpected.accept(cause);
        return error(SqlState.INTERNAL_ERROR, cause.toString()).withCause(cause);
    }

    /** What a future has failed with, without the wrapping that futures put around it. */
    public static Throwable unwrapped(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** A copy with another message: what it means where it is told on. */
    public PgException withMessage(String newMessage) {
        PgException copy = new PgException(severity, sqlState, newMessage, detail, hint, position, getCause());
        copy.setStackTrace(getStackTrace());
        return copy;
    }

    /** A copy with this detail: facts about the case. */
    public PgException withDetail(String newDetail) {
        return copy(severity, newDetail, hint, position, getCause());
    }

    /** A copy with this hint: what to do about it. */
    public PgException withHint(String newHint) {
        return copy(severity, detail, newHint, position, getCause());
    }

    /** A copy that points at a character of the statement: 1 is the first, counted in code points. */
    public PgException withPosition(int newPosition) {
        return copy(severity, detail, hint, newPosition, getCause());
    }

    /** A copy with this cause, which is for the log and never sent. */
    public PgException withCause(Throwable cause) {
        return copy(severity, detail, hint, position, cause);
    }

    /**
     * The same failure as FATAL: what an ERROR becomes where there is no command that could fail, as in authentication.
     */
    public PgException asFatal() {
        return severity == Severity.FATAL ? this : copy(Severity.FATAL, detail, hint, position, getCause());
    }

    private PgException copy(
            Severity newSeverity,
            @Nullable String newDetail,
            @Nullable String newHint,
            int newPosition,
            @Nullable Throwable cause) {
        PgException copy = new PgException(newSeverity, sqlState, message(), newDetail, newHint, newPosition, cause);
        copy.setStackTrace(getStackTrace());
        return copy;
    }

    /** How far the failure reaches. */
    public Severity severity() {
        return severity;
    }

    /** The SQLSTATE. */
    public SqlState sqlState() {
        return sqlState;
    }

    /** The primary message: one line, no trailing punctuation. */
    public String message() {
        String message = getMessage();
        return message == null ? "" : message;
    }

    /** Facts about the case, whole sentences. */
    public Optional<String> detail() {
        return Optional.ofNullable(detail);
    }

    /** What to do about it, whole sentences. */
    public Optional<String> hint() {
        return Optional.ofNullable(hint);
    }

    /** The character of the statement that it is about, counted in code points from 1; empty if it is about none. */
    public OptionalInt position() {
        return position == 0 ? OptionalInt.empty() : OptionalInt.of(position);
    }
}
