package io.walrelay.proxy.console.sql;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A query: {@code [WITH ...] body [ORDER BY ...] [LIMIT ...] [OFFSET ...]}. */
public record Query(
        int at,
        List<Cte> with,
        boolean recursive,
        Body body,
        List<Expr.SortKey> order,
        Optional<Expr> limit,
        Optional<Expr> offset) {

    /** An item of WITH. */
    public record Cte(int at, String name, List<String> columns, Query query) {}

    /** What gives the rows. */
    public sealed interface Body {}

    /** SELECT. */
    public record Select(
            int at,
            boolean distinct,
            List<Expr> distinctOn,
            List<Target> targets,
            List<From> from,
            Optional<Expr> where,
            List<Expr> groupBy,
            Optional<Expr> having,
            Map<String, Expr.Window> windows)
            implements Body {}

    /** VALUES. */
    public record Values(int at, List<List<Expr>> rows) implements Body {}

    /** UNION, INTERSECT, EXCEPT. */
    public record SetOperation(int at, String operator, boolean all, Body left, Body right) implements Body {}

    /** A query in parentheses. */
    public record Nested(Query query) implements Body {}

    /** An item of the select list. */
    public record Target(Expr expression, Optional<String> alias) {}

    /** What a FROM item is called. */
    public record Alias(Optional<String> name, List<String> columns) {
        /** No alias. */
        public static final Alias NONE = new Alias(Optional.empty(), List.of());
    }

    /** An item of FROM. */
    public sealed interface From {}

    /** A table, a view or a CTE. */
    public record Table(int at, List<String> names, Alias alias) implements From {}

    /** A query in parentheses; {@code lateral}: it may name what stands before it. */
    public record Derived(int at, Query query, boolean lateral, Alias alias) implements From {}

    /** A function that gives rows. */
    public record RowsFrom(int at, Expr.Call call, boolean ordinality, Alias alias) implements From {}

    /** JOIN; {@code kind} is CROSS, INNER, LEFT, RIGHT or FULL. */
    public record Join(
            int at, String kind, From left, From right, boolean natural, Optional<Expr> condition, List<String> using)
            implements From {}
}
