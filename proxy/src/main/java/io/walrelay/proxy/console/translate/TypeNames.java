package io.walrelay.proxy.console.translate;

import io.walrelay.proxy.console.function.Body;
import io.walrelay.proxy.console.sql.TypeName;
import io.walrelay.proxy.console.type.PgType;
import io.walrelay.proxy.console.type.PgTypes;
import io.walrelay.proxy.console.type.Storage;
import io.walrelay.wire.error.SqlState;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Objects;

/** Types as they are written. */
final class TypeNames {
    private static final Body CUT = (context, arguments) -> {
        String text = String.valueOf(arguments[0]);
        int length = (Integer) Objects.requireNonNull(arguments[1]);
        return text.codePointCount(0, text.length()) > length
                ? text.substring(0, text.offsetByCodePoints(0, length))
                : text;
    };
    private static final Body SCALED = (context, arguments) -> ((BigDecimal) Objects.requireNonNull(arguments[0]))
            .setScale((Integer) Objects.requireNonNull(arguments[1]), RoundingMode.HALF_UP);

    private TypeNames() {}

    /** The type. @throws io.walrelay.wire.error.PgException 42704 */
    static PgType resolve(Translation translation, TypeName name) {
        PgType type = PgTypes.find(name.name())
                .filter(found -> name.names().size() == 1 || name.names().get(0).equals("pg_catalog"))
                .or(() -> domain(name))
                .orElseThrow(() -> translation.error(
                        name.at(),
                        SqlState.UNDEFINED_OBJECT,
                        "type \"" + String.join(".", name.names()) + "\" does not exist"));
        return name.array() ? PgTypes.arrayOf(type) : type;
    }

    /** The domains of the information schema. */
    private static java.util.Optional<PgType> domain(TypeName name) {
        return switch (name.name()) {
            case "sql_identifier" -> java.util.Optional.of(PgTypes.NAME);
            case "character_data", "yes_or_no" -> PgTypes.find("varchar");
            case "cardinal_number" -> java.util.Optional.of(PgTypes.INT4);
            default -> java.util.Optional.empty();
        };
    }

    /** The value, cut or rounded to what is written in parentheses behind the type. */
    static Typed modified(Translation translation, Typed value, TypeName name) {
        if (name.modifiers().isEmpty() || name.array()) {
            return value;
        }
        boolean text =
                value.type().name().equals("varchar") || value.type().name().equals("bpchar");
        if (text) {
            return translation.call(
                    value.at(),
                    name.name(),
                    CUT,
                    value.type(),
                    value,
                    integer(value, name.modifiers().get(0)));
        }
        if (value.type().storage() == Storage.NUMERIC) {
            int scale = name.modifiers().size() > 1 ? name.modifiers().get(1) : 0;
            return translation.call(value.at(), "numeric", SCALED, value.type(), value, integer(value, scale));
        }
        return value;
    }

    private static Typed integer(Typed value, int number) {
        int bounded = Math.max(-1000, Math.min(number, 10_485_760));
        return Typed.of(value.at(), Integer.toString(bounded), PgTypes.INT4);
    }
}
