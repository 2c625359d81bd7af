package io.walrelay.proxy.console.translate;

import io.walrelay.proxy.console.function.Body;
import io.walrelay.proxy.console.function.FunctionCatalog;
import io.walrelay.proxy.console.function.PgFunction;
import io.walrelay.proxy.console.sql.Expr;
import io.walrelay.proxy.console.type.PgType;
import io.walrelay.proxy.console.type.PgTypes;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which function a call means, by PostgreSQL's rules in short: the arguments must convert by themselves, and the
 * candidate that needs the fewest conversions wins.
 *
 * @see <a href="https://www.postgresql.org/docs/current/typeconv-func.html">Type Conversion: Functions</a>
 */
final class FunctionTranslator {
    private final Translation translation;
    private final Coercion coercion;

    FunctionTranslator(Translation translation, Coercion coercion) {
        this.translation = translation;
        this.coercion = coercion;
    }

    /** A function and the arguments that it is called with. */
    record Resolved(PgFunction function, List<Typed> arguments, PgType result) {}

    /** A call that gives a value. @throws PgException 42883 */
    Typed call(Expr.Call call, List<Typed> arguments) {
        Resolved resolved = resolve(call, arguments);
        if (resolved.function().rows()) {
            throw translation.unsupported(call.at(), "a set-returning function here is");
        }
        return emit(call.at(), resolved);
    }

    /** The call of a function that has been chosen; rows as an array. */
    Typed emit(int at, Resolved resolved) {
        PgFunction function = resolved.function();
        List<PgType> types = new ArrayList<>();
        for (Typed argument : resolved.arguments()) {
            types.add(argument.type());
        }
        PgType result = function.rows() ? PgTypes.arrayOf(resolved.result()) : resolved.result();
        Body body = function.body();
        return translation.call(
                at,
                new BoundBody(function.name(), body, types, result, function.strict(), function.admin()),
                resolved.arguments());
    }

    /** The function. @throws PgException 42883 */
    Resolved resolve(Expr.Call call, List<Typed> arguments) {
        String schema = call.names().size() > 1 ? call.names().get(call.names().size() - 2) : "";
        Optional<PgFunction> best = Optional.empty();
        int bestScore = -1;
        for (PgFunction candidate : FunctionCatalog.named(schema, call.name())) {
            int score = score(candidate, arguments);
            if (score > bestScore) {
                best = Optional.of(candidate);
                bestScore = score;
            }
        }
        if (best.isEmpty()) {
            return typeAsFunction(call, arguments).orElseThrow(() -> undefined(call, arguments));
        }
        return bound(best.get(), arguments);
    }

    /** {@code pg_lsn('0/0')} is a cast. */
    private Optional<Resolved> typeAsFunction(Expr.Call call, List<Typed> arguments) {
        Optional<PgType> type = PgTypes.find(call.name());
        if (type.isEmpty() || arguments.size() != 1 || type.get().kind() == 'p') {
            return Optional.empty();
        }
        Typed cast = coercion.cast(arguments.get(0), type.get());
        Body same = IDENTITY;
        PgFunction function = new PgFunction(
                "pg_catalog", call.name(), List.of(type.get()), 1, false, type.get(), false, true, false, same);
        return Optional.of(new Resolved(function, List.of(cast), type.get()));
    }

    private static final Body IDENTITY = (context, arguments) -> arguments[0];

    private static boolean accepts(PgFunction function, int count) {
        return count >= function.required()
                && (function.variadic() || count <= function.arguments().size());
    }

    private static PgType parameter(PgFunction function, int index) {
        List<PgType> declared = function.arguments();
        return declared.get(Math.min(index, declared.size() - 1));
    }

    private static int score(PgFunction function, List<Typed> arguments) {
        if (!accepts(function, arguments.size())) {
            return -1;
        }
        int score = 0;
        for (int i = 0; i < arguments.size(); i++) {
            PgType declared = parameter(function, i);
            PgType given = arguments.get(i).type();
            if (!Coercion.isImplicit(given, declared)) {
                return -1;
            }
            if (given.equals(declared)) {
                score += 4;
            } else if (given.equals(PgTypes.UNKNOWN)) {
                score += declared.equals(PgTypes.TEXT) ? 3 : declared.preferred() ? 2 : 1;
            } else {
                score += declared.preferred() ? 1 : 0;
            }
        }
        return score;
    }

    private Resolved bound(PgFunction function, List<Typed> arguments) {
        PgType element = element(function, arguments);
        List<Typed> bound = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            PgType declared = concrete(parameter(function, i), element);
            Typed argument = arguments.get(i);
            bound.add(declared.name().equals("any") ? coercion.known(argument) : coercion.implicit(argument, declared));
        }
        return new Resolved(function, bound, concrete(function.result(), element));
    }

    /** What {@code anyelement} stands for in this call. */
    private static PgType element(PgFunction function, List<Typed> arguments) {
        PgType element = PgTypes.TEXT;
        for (int i = 0; i < arguments.size(); i++) {
            PgType given = arguments.get(i).type();
            String declared = parameter(function, i).name();
            if (declared.equals("anyarray") && given.isArray()) {
                return given.element().orElseThrow();
            }
            if (declared.equals("anyelement") && !given.equals(PgTypes.UNKNOWN)) {
                element = given;
            }
        }
        return element;
    }

    private static PgType concrete(PgType declared, PgType element) {
        return switch (declared.name()) {
            case "anyelement" -> element;
            case "anyarray" -> PgTypes.arrayOf(element);
            default -> declared;
        };
    }

    /** 42883. */
    PgException undefined(Expr.Call call, List<Typed> arguments) {
        StringBuilder types = new StringBuilder();
        for (Typed argument : arguments) {
            types.append(types.isEmpty() ? "" : ", ").append(argument.type().sqlName());
        }
        return translation
                .error(
                        call.at(),
                        Operators.UNDEFINED_FUNCTION,
                        "function " + String.join(".", call.names()) + "(" + types + ") does not exist")
                .withHint("No function matches the given name and argument types."
                        + " You might need to add explicit type casts.");
    }

    /** 42804: the branches of CASE, COALESCE and the like do not fit together. */
    PgException mismatch(int at, String what, PgType left, PgType right) {
        return translation.error(
                at,
                Coercion.DATATYPE_MISMATCH,
                what + " types " + left.sqlName() + " and " + right.sqlName() + " cannot be matched");
    }

    /** Values of one type. @throws PgException 42804 */
    List<Typed> unified(int at, String what, List<Typed> values) {
        PgType type = PgTypes.UNKNOWN;
        for (Typed value : values) {
            PgType soFar = type;
            type = Coercion.common(soFar, value.type())
                    .orElseThrow(() -> mismatch(value.at() == 0 ? at : value.at(), what, soFar, value.type()));
        }
        PgType known = type.equals(PgTypes.UNKNOWN) ? PgTypes.TEXT : type;
        List<Typed> unified = new ArrayList<>();
        for (Typed value : values) {
            unified.add(coercion.cast(value, known));
        }
        return unified;
    }

    /** Whether this call gives rows. */
    static boolean givesRows(Expr.Call call) {
        String schema = call.names().size() > 1 ? call.names().get(call.names().size() - 2) : "";
        return FunctionCatalog.named(schema, call.name()).stream().anyMatch(PgFunction::rows);
    }

    /** 42809 and the like: words that the statement may not have there. */
    PgException misplaced(int at, String message) {
        return translation.error(at, SqlState.of("42809"), message);
    }
}
