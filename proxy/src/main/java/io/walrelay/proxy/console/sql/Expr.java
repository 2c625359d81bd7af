package io.walrelay.proxy.console.sql;

import java.util.List;
import java.util.Optional;

/** A value expression. {@code at} is the index in the statement of the character that errors point at. */
public sealed interface Expr {
    /** Where it stands. */
    int at();

    /** A string literal, of no type yet. */
    record Text(int at, String value) implements Expr {}

    /** A number as written. */
    record Numeral(int at, String text) implements Expr {}

    /** TRUE or FALSE. */
    record Truth(int at, boolean value) implements Expr {}

    /** NULL. */
    record Null(int at) implements Expr {}

    /** {@code $1}. */
    record Parameter(int at, int number) implements Expr {}

    /** {@code column}, {@code table.column}, {@code schema.table.column}. */
    record ColumnRef(int at, List<String> names) implements Expr {}

    /** {@code *} or {@code table.*}. */
    record Star(int at, List<String> qualifier) implements Expr {}

    /** A call of a function, an aggregate or a window function. */
    record Call(
            int at,
            List<String> names,
            List<Expr> arguments,
            boolean star,
            boolean distinct,
            List<SortKey> order,
            Optional<Expr> filter,
            Optional<Window> over)
            implements Expr {
        /** A plain call. */
        public Call(int at, String name, List<Expr> arguments) {
            this(at, List.of(name), arguments, false, false, List.of(), Optional.empty(), Optional.empty());
        }

        /** The name without its schema. */
        public String name() {
            return names.get(names.size() - 1);
        }
    }

    /** An operator, binary or prefix. */
    record Operation(int at, String operator, Optional<Expr> left, Expr right) implements Expr {}

    /** AND or OR over two or more. */
    record Logical(int at, boolean and, List<Expr> parts) implements Expr {}

    /** NOT. */
    record Not(int at, Expr operand) implements Expr {}

    /** {@code IS [NOT] NULL|TRUE|FALSE|UNKNOWN}. */
    record Is(int at, Expr operand, String what, boolean negated) implements Expr {}

    /** {@code IS [NOT] DISTINCT FROM}. */
    record DistinctFrom(int at, Expr left, Expr right, boolean negated) implements Expr {}

    /** BETWEEN. */
    record Between(int at, Expr operand, Expr low, Expr high, boolean negated, boolean symmetric) implements Expr {}

    /** IN with a list. */
    record InList(int at, Expr operand, List<Expr> values, boolean negated) implements Expr {}

    /** IN with a query. */
    record InQuery(int at, Expr operand, Query query, boolean negated) implements Expr {}

    /** {@code operand operator ANY|ALL (array)}. */
    record QuantifiedArray(int at, Expr operand, String operator, boolean all, Expr array) implements Expr {}

    /** {@code operand operator ANY|ALL (query)}. */
    record QuantifiedQuery(int at, Expr operand, String operator, boolean all, Query query) implements Expr {}

    /** LIKE and ILIKE. */
    record Like(int at, Expr operand, Expr pattern, Optional<Expr> escape, boolean negated, boolean insensitive)
            implements Expr {}

    /** A cast, in any of its spellings. */
    record Cast(int at, Expr operand, TypeName type) implements Expr {}

    /** CASE. */
    record Case(int at, Optional<Expr> operand, List<When> branches, Optional<Expr> otherwise) implements Expr {}

    /** A branch of CASE. */
    record When(Expr condition, Expr result) {}

    /** EXISTS. */
    record Exists(int at, Query query) implements Expr {}

    /** A query in parentheses that gives one value. */
    record Scalar(int at, Query query) implements Expr {}

    /** {@code ARRAY(query)}. */
    record ArrayQuery(int at, Query query) implements Expr {}

    /** {@code ARRAY[...]}. */
    record ArrayOf(int at, List<Expr> elements) implements Expr {}

    /** {@code ROW(...)} or {@code (a, b)}. */
    record Row(int at, List<Expr> fields) implements Expr {}

    /** {@code array[index]}. */
    record Subscript(int at, Expr array, Expr index) implements Expr {}

    /** {@code (expression).field}. */
    record Field(int at, Expr operand, String field) implements Expr {}

    /** {@code AT TIME ZONE}. */
    record AtTimeZone(int at, Expr operand, Expr zone) implements Expr {}

    /** An item of ORDER BY. */
    record SortKey(Expr expression, boolean descending, Optional<Boolean> nullsFirst) {}

    /**
     * OVER.
     *
     * @param reference name of a window in the WINDOW clause
     * @param frame in SQL
     */
    record Window(Optional<String> reference, List<Expr> partition, List<SortKey> order, String frame) {}
}
