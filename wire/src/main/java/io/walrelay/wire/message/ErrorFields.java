package io.walrelay.wire.message;

import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.Severity;
import io.walrelay.wire.error.SqlState;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * The fields of an ErrorResponse or NoticeResponse, in the order of the wire: {@code byte type, text, NUL} each, then a
 * NUL.
 *
 * <pre>
 * S severity (translated)   V severity (9.6+, not translated)   C SQLSTATE     M message          D detail
 * H hint                    P position                          p internal position               q internal query
 * W where                   s schema    t table    c column     d data type    n constraint
 * F file                    L line      R routine
 * </pre>
 *
 * <p>Fields of unknown types are kept. Text is {@link WireText}, so fields that are passed on are the bytes that came.
 *
 * @param fields from field type to text, unmodifiable, in wire order
 * @see <a href="https://www.postgresql.org/docs/current/protocol-error-fields.html">Error and Notice Message Fields</a>
 */
public record ErrorFields(Map<Character, String> fields) {
    /** Copies the map and keeps its order. */
    public ErrorFields {
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    /** Severity, SQLSTATE and message, as a server sends them. */
    public static ErrorFields of(Severity severity, SqlState sqlState, String message) {
        return of(severity, sqlState, message, null, null);
    }

    /** Severity, SQLSTATE, message and, where not null, detail and hint, as a server sends them. */
    public static ErrorFields of(
            Severity severity, SqlState sqlState, String message, @Nullable String detail, @Nullable String hint) {
        SequencedMap<Character, String> fields = new LinkedHashMap<>();
        fields.put('S', severity.name());
        fields.put('V', severity.name());
        fields.put('C', sqlState.code());
        fields.put('M', message);
        if (detail != null) {
            fields.put('D', detail);
        }
        if (hint != null) {
            fields.put('H', hint);
        }
        return new ErrorFields(fields);
    }

    /** What a server sends for {@code failure}. */
    public static ErrorFields from(PgException failure) {
        ErrorFields fields = of(
                failure.severity(),
                failure.sqlState(),
                failure.message(),
                failure.detail().orElse(null),
                failure.hint().orElse(null));
        if (failure.position().isEmpty()) {
            return fields;
        }
        SequencedMap<Character, String> positioned = new LinkedHashMap<>(fields.fields());
        positioned.put('P', Integer.toString(failure.position().getAsInt()));
        return new ErrorFields(positioned);
    }

    /** The failure that a client sees in these fields. */
    public PgException toException() {
        return new PgException(severity(), sqlState(), message(), detail().orElse(null), hint().orElse(null), null);
    }

    /** Text of the field of this type. */
    public Optional<String> field(char type) {
        return Optional.ofNullable(fields.get(type));
    }

    /** Severity from {@code V}, or {@code S} of servers before 9.6; ERROR where neither is a known name. */
    public Severity severity() {
        return field('V').or(() -> field('S')).flatMap(Severity::parse).orElse(Severity.ERROR);
    }

    /** SQLSTATE; XX000 where the peer sent none or one of wrong form. */
    public SqlState sqlState() {
        return field('C').filter(SqlState::isSqlState).map(SqlState::of).orElse(SqlState.INTERNAL_ERROR);
    }

    /** The primary message; empty where the peer sent none. */
    public String message() {
        return field('M').orElse("");
    }

    /** Facts about the case. */
    public Optional<String> detail() {
        return field('D');
    }

    /** What to do about it. */
    public Optional<String> hint() {
        return field('H');
    }

    /** One line for a log: severity, SQLSTATE, message. */
    @Override
    public String toString() {
        return severity() + ": " + sqlState() + ": " + message();
    }
}
