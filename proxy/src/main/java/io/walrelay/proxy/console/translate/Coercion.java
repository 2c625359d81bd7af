package io.walrelay.proxy.console.translate;

import io.walrelay.proxy.console.catalog.Relation;
import io.walrelay.proxy.console.catalog.Schemas;
import io.walrelay.proxy.console.function.Body;
import io.walrelay.proxy.console.function.CallContext;
import io.walrelay.proxy.console.type.PgType;
import io.walrelay.proxy.console.type.PgTypes;
import io.walrelay.proxy.console.type.Storage;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Conversions between types: which happen by themselves, and how.
 *
 * @see <a href="https://www.postgresql.org/docs/current/typeconv.html">Type Conversion</a>
 */
final class Coercion {
    static final SqlState CANNOT_COERCE = SqlState.of("42846");
    static final SqlState DATATYPE_MISMATCH = SqlState.of("42804");
    private static final List<Storage> NUMBERS =
            List.of(Storage.INT2, Storage.INT4, Storage.INT8, Storage.NUMERIC, Storage.FLOAT4, Storage.FLOAT8);

    private static final Body TO_TEXT = (context, arguments) -> context.output().write(present(arguments[0]));
    private static final Body TO_NUMERIC =
            (context, arguments) -> new BigDecimal(present(arguments[0]).toString());
    private static final Map<PgType, Body> FROM_TEXT = new HashMap<>();

    static {
        for (PgType type : PgTypes.all()) {
            FROM_TEXT.put(type, (context, arguments) -> read(context, type, String.valueOf(arguments[0])));
        }
    }

    private final Translation translation;

    Coercion(Translation translation) {
        this.translation = translation;
    }

    private static Object present(@Nullable Object value) {
        return java.util.Objects.requireNonNull(value);
    }

    /** Whether a value of one type is taken for another without a cast. */
    static boolean isImplicit(PgType from, PgType to) {
        if (from.equals(to) || from.equals(PgTypes.UNKNOWN) || to.name().equals("any")) {
            return true;
        }
        if (to.isPolymorphic()) {
            return to.name().equals("anyarray") ? from.isArray() : true;
        }
        if (from.isNumber() && to.isNumber()) {
            return rank(from) <= rank(to) || (isObjectId(from) && isObjectId(to));
        }
        if (from.isString() && to.isString()) {
            return true;
        }
        return switch (to.name()) {
            case "timestamptz" -> from.equals(PgTypes.TIMESTAMP) || from.equals(PgTypes.DATE);
            case "timestamp" -> from.equals(PgTypes.DATE);
            case "inet" -> from.name().equals("cidr");
            case "text" -> from.name().equals("pg_node_tree");
            case "interval" -> from.equals(PgTypes.TIME);
            default -> from.isArray() && to.isArray() && isImplicit(element(from), element(to));
        };
    }

    private static PgType element(PgType array) {
        return array.element().orElseThrow();
    }

    private static boolean isObjectId(PgType type) {
        return type.equals(PgTypes.OID) || type.isReg();
    }

    /** Integers are taken for oids too; nothing else is. */
    private static int rank(PgType type) {
        return isObjectId(type) ? 3 : NUMBERS.indexOf(type.storage());
    }

    /** The type that values of both are of when they stand in one place; empty if there is none. */
    static Optional<PgType> common(PgType left, PgType right) {
        if (left.equals(right) || right.equals(PgTypes.UNKNOWN)) {
            return Optional.of(left);
        }
        if (left.equals(PgTypes.UNKNOWN)) {
            return Optional.of(right);
        }
        if (left.isString() && right.isString()) {
            return Optional.of(PgTypes.TEXT);
        }
        if (isImplicit(left, right)) {
            return Optional.of(right);
        }
        return isImplicit(right, left) ? Optional.of(left) : Optional.empty();
    }

    /** The value as one of this type, where that happens by itself. @throws PgException 42804 */
    Typed implicit(Typed value, PgType to) {
        if (!isImplicit(value.type(), to)) {
            throw translation.error(
                    value.at(),
                    DATATYPE_MISMATCH,
                    "could not convert type " + value.type().sqlName() + " to " + to.sqlName());
        }
        return to.isPolymorphic() && !value.isUnknown() ? value : cast(value, to.isPolymorphic() ? PgTypes.TEXT : to);
    }

    /** An unknown value as text, others as they are. */
    Typed known(Typed value) {
        return value.isUnknown() ? cast(value, PgTypes.TEXT) : value;
    }

    /** A condition. @throws PgException 42804 */
    Typed condition(Typed value, String clause) {
        if (!value.isUnknown() && !value.type().equals(PgTypes.BOOL)) {
            throw translation.error(
                    value.at(),
                    DATATYPE_MISMATCH,
                    "argument of " + clause + " must be type boolean, not type "
                            + value.type().sqlName());
        }
        return cast(value, PgTypes.BOOL);
    }

    /** The value as one of this type, by a cast that was asked for. @throws PgException 42846, 22P02 */
    Typed cast(Typed value, PgType to) {
        PgType from = value.type();
        if (from.equals(to)) {
            return value;
        }
        if (value.isUnknown()) {
            return fromUnknown(value, to);
        }
        if (from.isReg() && to.isString()) {
            return translation.call(value.at(), to.name(), regToText(from), to, value);
        }
        if (from.isString() || (from.storage() == Storage.TEXT && to.storage() != Storage.TEXT)) {
            return to.storage() == Storage.TEXT
                    ? retyped(value, to)
                    : translation.call(value.at(), to.name(), present(FROM_TEXT, to), to, value);
        }
        if (to.storage() == Storage.TEXT) {
            return from.storage() == Storage.TEXT ? retyped(value, to) : toText(value, to);
        }
        return between(value, from, to);
    }

    private static Typed retyped(Typed value, PgType to) {
        return Typed.of(value.at(), value.sql(), to);
    }

    private Typed toText(Typed value, PgType to) {
        return switch (value.type().storage()) {
            case INT2, INT4, INT8 -> Typed.of(value.at(), "CAST(" + value.sql() + " AS VARCHAR)", to);
            default -> translation.call(value.at(), to.name(), TO_TEXT, to, value);
        };
    }

    private Typed between(Typed value, PgType from, PgType to) {
        boolean numbers = from.storage().isNumber() && to.storage().isNumber();
        if (numbers && from.storage() == to.storage()) {
            return retyped(value, to);
        }
        if (numbers && to.storage() == Storage.NUMERIC) {
            boolean real = from.storage() == Storage.FLOAT4 || from.storage() == Storage.FLOAT8;
            return real || from.storage() == Storage.NUMERIC
                    ? translation.call(value.at(), "numeric", TO_NUMERIC, to, value)
                    : Typed.of(value.at(), "CAST(" + value.sql() + " AS NUMERIC(20))", to);
        }
        if (numbers && from.storage() == Storage.FLOAT8 && to.storage() != Storage.FLOAT4) {
            // Halves go to the even neighbour, where the engine rounds them away from zero.
            return Typed.of(
                    value.at(), "CAST(" + Arithmetic.rounded(translation, value).sql() + " AS " + to.sql() + ")", to);
        }
        if (numbers) {
            return Typed.of(value.at(), "CAST(" + value.sql() + " AS " + to.sql() + ")", to);
        }
        if (from.equals(PgTypes.BOOL) && to.storage() == Storage.INT4) {
            return Typed.of(value.at(), "CAST(" + value.sql() + " AS INTEGER)", to);
        }
        if (from.storage() == Storage.INT4 && to.equals(PgTypes.BOOL)) {
            return Typed.of(value.at(), "(" + value.sql() + " <> 0)", to);
        }
        Body time = TimeCasts.find(from, to);
        if (time != null) {
            return translation.call(value.at(), to.name(), time, to, value);
        }
        if (from.isArray() && to.isArray()) {
            return from.sql().equals(to.sql())
                    ? retyped(value, to)
                    : Typed.of(value.at(), "CAST(" + value.sql() + " AS " + to.sql() + ")", to);
        }
        throw translation.error(
                value.at(), CANNOT_COERCE, "cannot cast type " + from.sqlName() + " to " + to.sqlName());
    }

    private Typed fromUnknown(Typed value, PgType to) {
        if (value.parameter() > 0) {
            return translation.decide(value, to);
        }
        String text = value.literal();
        if (text == null) {
            return Typed.of(value.at(), "CAST(NULL AS " + to.sql() + ")", to);
        }
        if (to.isReg()) {
            Typed literal = Typed.of(value.at(), Literals.text(text), PgTypes.TEXT);
            return translation.call(value.at(), to.name(), present(FROM_TEXT, to), to, literal);
        }
        try {
            return Typed.of(value.at(), Literals.of(translation.input().read(to, text), to), to);
        } catch (PgException e) {
            throw translation.error(value.at(), e.sqlState(), e.message());
        }
    }

    private static @Nullable Object read(CallContext context, PgType type, String text) {
        if (!type.isReg()) {
            return context.input().read(type, text);
        }
        if (!text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return context.input().read(PgTypes.OID, text);
        }
        return RegNames.oid(context, type, text);
    }

    private static final Map<PgType, Body> REG_TO_TEXT = new HashMap<>();

    static {
        for (PgType type : PgTypes.all()) {
            if (type.isReg()) {
                REG_TO_TEXT.put(
                        type,
                        (context, arguments) -> RegNames.name(context.catalog(), type, (Long) present(arguments[0])));
            }
        }
    }

    private static Body regToText(PgType type) {
        return present(REG_TO_TEXT, type);
    }

    private static Body present(Map<PgType, Body> bodies, PgType type) {
        return java.util.Objects.requireNonNull(bodies.get(type));
    }

    /** Names of objects and their OIDs. */
    static final class RegNames {
        /** Its OID in PostgreSQL. */
        private static final long ARRAY_IN = 750;

        private RegNames() {}

        static long oid(CallContext context, PgType type, String text) {
            String bare = text.startsWith("pg_catalog.") ? text.substring("pg_catalog.".length()) : text;
            Optional<Long> found = switch (type.name()) {
                case "regclass" -> relation(context, text).map(relation -> (long) relation.oid());
                case "regtype" ->
                    PgTypes.find(bare)
                            .or(() -> PgTypes.all().stream()
                                    .filter(candidate -> candidate.sqlName().equals(bare))
                                    .findFirst())
                            .map(candidate -> (long) candidate.oid());
                case "regnamespace" -> Schemas.oid(text);
                // What pg_type.typinput says of arrays: drivers tell them by it.
                case "regproc" -> bare.equals("array_in") ? Optional.of(ARRAY_IN) : Optional.empty();
                default -> Optional.empty();
            };
            return found.orElseThrow(() -> switch (type.name()) {
                case "regclass" ->
                    PgException.error(SqlState.UNDEFINED_TABLE, "relation \"" + text + "\" does not exist");
                case "regtype" -> PgException.error(SqlState.UNDEFINED_OBJECT, "type \"" + text + "\" does not exist");
                case "regnamespace" ->
                    PgException.error(SqlState.of("3F000"), "schema \"" + text + "\" does not exist");
                case "regproc", "regprocedure" ->
                    PgException.error(SqlState.of("42883"), "function \"" + text + "\" does not exist");
                default -> PgException.error(SqlState.UNDEFINED_OBJECT, "\"" + text + "\" does not exist");
            });
        }

        private static Optional<Relation> relation(CallContext context, String text) {
            String name = text.replace("\"", "");
            int dot = name.indexOf('.');
            return dot < 0
                    ? context.catalog().find(name.toLowerCase(Locale.ROOT))
                    : context.catalog().find(name.substring(0, dot), name.substring(dot + 1));
        }

        static String name(io.walrelay.proxy.console.catalog.Catalog catalog, PgType type, long oid) {
            if (oid == 0) {
                return "-";
            }
            Optional<String> found = switch (type.name()) {
                case "regclass" ->
                    catalog.find(oid)
                            .map(relation ->
                                    relation.schema().equals("information_schema") ? relation.key() : relation.name());
                case "regtype" -> PgTypes.find((int) oid).map(PgType::sqlName);
                case "regnamespace" ->
                    Schemas.all().entrySet().stream()
                            .filter(entry -> entry.getValue() == oid)
                            .map(Map.Entry::getKey)
                            .findFirst();
                default -> Optional.empty();
            };
            return found.orElse(Long.toString(oid));
        }
    }
}
