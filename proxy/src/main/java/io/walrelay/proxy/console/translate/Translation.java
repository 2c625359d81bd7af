package io.walrelay.proxy.console.translate;

import io.walrelay.proxy.console.catalog.Catalog;
import io.walrelay.proxy.console.catalog.Relation;
import io.walrelay.proxy.console.function.Body;
import io.walrelay.proxy.console.sql.SqlErrors;
import io.walrelay.proxy.console.type.PgType;
import io.walrelay.proxy.console.type.PgTypes;
import io.walrelay.proxy.console.type.TextInput;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is collected while one statement is translated. */
final class Translation {
    private final String statement;
    private final Catalog catalog;
    private final TextInput input;
    private final List<@Nullable PgType> parameters = new ArrayList<>();
    private final List<BoundBody> bodies = new ArrayList<>();
    private final Set<Relation> relations = new LinkedHashSet<>();
    private int aliases;
    private int length;

    Translation(String statement, Catalog catalog, ZoneId zone, int[] parameterTypeOids) {
        this.statement = statement;
        this.catalog = catalog;
        this.input = new TextInput(zone);
        for (int oid : parameterTypeOids) {
            PgType given = oid == 0
                    ? null
                    : PgTypes.find(oid)
                            .orElseThrow(() -> PgException.error(
                                    SqlState.UNDEFINED_OBJECT, "type with OID " + oid + " does not exist"));
            parameters.add(given == null || given.equals(PgTypes.UNKNOWN) ? null : given);
        }
    }

    Catalog catalog() {
        return catalog;
    }

    TextInput input() {
        return input;
    }

    PgException error(int at, SqlState state, String message) {
        return SqlErrors.at(statement, at, state, message);
    }

    PgException unsupported(int at, String what) {
        return error(at, SqlState.FEATURE_NOT_SUPPORTED, what + " not supported by walrelay");
    }

    String newAlias() {
        return "\"t" + ++aliases + "\"";
    }

    void use(Relation relation) {
        relations.add(relation);
    }

    /** Refuses SQL that grows out of all proportion, such as nested simple CASEs, which repeat their operand. */
    String sized(String sql) {
        length = Math.max(length, sql.length());
        if (length > 4_000_000) {
            throw PgException.error(SqlState.of("54001"), "statement is too complex");
        }
        return sql;
    }

    /** A parameter, of the type that is known for it so far. */
    Typed parameter(int at, int number) {
        while (parameters.size() < number) {
            parameters.add(null);
        }
        PgType type = parameters.get(number - 1);
        return type == null
                ? new Typed(at, "?" + number, PgTypes.UNKNOWN, null, number)
                : Typed.of(at, "CAST(?" + number + " AS " + type.sql() + ")", type);
    }

    /** Gives a parameter its type. */
    Typed decide(Typed parameter, PgType type) {
        parameters.set(parameter.parameter() - 1, type);
        return parameter(parameter.at(), parameter.parameter());
    }

    /** A call of a function. */
    Typed call(int at, BoundBody body, List<Typed> arguments) {
        int number = bodies.indexOf(body);
        if (number < 0) {
            number = bodies.size();
            bodies.add(body);
        }
        StringBuilder sql =
                new StringBuilder(Routines.name(body.result())).append('(').append(number);
        for (Typed argument : arguments) {
            sql.append(", ").append(argument.sql());
        }
        sql.append(')');
        String call =
                body.result().isArray() ? "CAST(" + sql + " AS " + body.result().sql() + ")" : sql.toString();
        return Typed.of(at, sized(call), body.result());
    }

    /** A call of a function that is part of the translation itself. */
    Typed call(int at, String name, Body body, PgType result, Typed... arguments) {
        List<PgType> types = new ArrayList<>();
        for (Typed argument : arguments) {
            types.add(argument.type());
        }
        return call(at, new BoundBody(name, body, types, result, true, false), List.of(arguments));
    }

    Translated finish(String sql, List<Translated.OutColumn> columns) {
        List<PgType> types = new ArrayList<>();
        for (PgType type : parameters) {
            types.add(type == null ? PgTypes.TEXT : type);
        }
        return new Translated(sql, columns, types, bodies, relations);
    }
}
