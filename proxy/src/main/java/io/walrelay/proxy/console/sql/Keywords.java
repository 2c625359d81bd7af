package io.walrelay.proxy.console.sql;

import java.util.Set;

/**
 * Which words mean something special where a name could stand.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-keywords-appendix.html">SQL Key Words</a>
 */
final class Keywords {
    /** Never a column's or a table's name without quotes. */
    private static final Set<String> RESERVED = Set.of(
            ("all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create"
                            + " current_catalog current_date current_role current_time current_timestamp current_user default"
                            + " deferrable desc distinct do else end except false fetch for foreign from grant group having in"
                            + " initially intersect into lateral leading limit localtime localtimestamp not null offset on only or"
                            + " order placing primary references returning select session_user some symmetric system_user table"
                            + " then to trailing true union unique user using variadic when where window with")
                    .split(" "));

    /** A function or a type may be called so, a column may not. */
    private static final Set<String> FUNCTION_NAMES = Set.of(
            ("authorization binary collation concurrently cross current_schema freeze full ilike inner is isnull join left"
                            + " like natural notnull outer overlaps right similar tablesample verbose")
                    .split(" "));

    /** Not a column's label without AS. */
    private static final Set<String> AS_LABELS = Set.of(
            ("array as char character create day except fetch filter for from grant group having hour intersect into"
                            + " isnull limit minute month not notnull null offset on order over overlaps precision returning second"
                            + " to union varying where window with within without year and or in is like ilike between similar"
                            + " collate")
                    .split(" "));

    private Keywords() {}

    static boolean isColumnName(Token token) {
        return token.kind() == Token.Kind.QUOTED
                || (token.kind() == Token.Kind.WORD
                        && !RESERVED.contains(token.text())
                        && !FUNCTION_NAMES.contains(token.text()));
    }

    static boolean isFunctionName(Token token) {
        return token.kind() == Token.Kind.QUOTED
                || (token.kind() == Token.Kind.WORD && !RESERVED.contains(token.text()));
    }

    /** Whether it may follow AS, or a dot. */
    static boolean isLabel(Token token) {
        return token.kind() == Token.Kind.QUOTED || token.kind() == Token.Kind.WORD;
    }

    static boolean isBareLabel(Token token) {
        return token.kind() == Token.Kind.QUOTED
                || (token.kind() == Token.Kind.WORD && !AS_LABELS.contains(token.text()));
    }
}
