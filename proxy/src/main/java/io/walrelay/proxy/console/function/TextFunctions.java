package io.walrelay.proxy.console.function;

import static io.walrelay.proxy.console.function.Arguments.integer;
import static io.walrelay.proxy.console.function.Arguments.list;
import static io.walrelay.proxy.console.function.Arguments.text;

import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Strings. What could grow is bounded.
 *
 * @see <a href="https://www.postgresql.org/docs/current/functions-string.html">String Functions and Operators</a>
 */
final class TextFunctions {
    /** The longest string that a function makes, in characters. */
    static final int LONGEST = 1 << 20;

    private TextFunctions() {}

    static Functions all() {
        return new Functions("pg_catalog")
                .add("lower(text) text", (c, a) -> text(a, 0).toLowerCase(Locale.ROOT))
                .add("upper(text) text", (c, a) -> text(a, 0).toUpperCase(Locale.ROOT))
                .add("initcap(text) text", (c, a) -> initcap(text(a, 0)))
                .add("length(text) int4", (c, a) -> codePoints(text(a, 0)))
                .add("char_length(text) int4", (c, a) -> codePoints(text(a, 0)))
                .add("character_length(text) int4", (c, a) -> codePoints(text(a, 0)))
                .add("octet_length(text) int4", (c, a) -> text(a, 0).getBytes(StandardCharsets.UTF_8).length)
                .add("btrim(text, text =) text", (c, a) -> trim(a, true, true))
                .add("ltrim(text, text =) text", (c, a) -> trim(a, true, false))
                .add("rtrim(text, text =) text", (c, a) -> trim(a, false, true))
                .add("substring(text, int4, int4 =) text", (c, a) -> substring(a))
                .add("substr(text, int4, int4 =) text", (c, a) -> substring(a))
                .add("substring(text, text) text", Patterns::substring)
                .add("left(text, int4) text", (c, a) -> left(text(a, 0), integer(a, 1)))
                .add("right(text, int4) text", (c, a) -> right(text(a, 0), integer(a, 1)))
                .add("position(text, text) int4", (c, a) -> text(a, 0).indexOf(text(a, 1)) + 1)
                .add("strpos(text, text) int4", (c, a) -> text(a, 0).indexOf(text(a, 1)) + 1)
                .add("starts_with(text, text) bool", (c, a) -> text(a, 0).startsWith(text(a, 1)))
                .add("replace(text, text, text) text", (c, a) -> replace(text(a, 0), text(a, 1), text(a, 2)))
                .add("translate(text, text, text) text", (c, a) -> translate(text(a, 0), text(a, 1), text(a, 2)))
                .add(
                        "reverse(text) text",
                        (c, a) -> new StringBuilder(text(a, 0)).reverse().toString())
                .add("repeat(text, int4) text", (c, a) -> repeat(text(a, 0), integer(a, 1)))
                .add("lpad(text, int4, text =) text", (c, a) -> pad(a, true))
                .add("rpad(text, int4, text =) text", (c, a) -> pad(a, false))
                .add("split_part(text, text, int4) text", (c, a) -> splitPart(text(a, 0), text(a, 1), integer(a, 2)))
                .add("md5(text) text", (c, a) -> md5(text(a, 0)))
                .add(
                        "ascii(text) int4",
                        (c, a) -> text(a, 0).isEmpty() ? 0 : text(a, 0).codePointAt(0))
                .add("chr(int4) text", (c, a) -> chr(integer(a, 0)))
                .add("to_hex(int8) text", (c, a) -> Long.toHexString(Arguments.bigint(a, 0)))
                .add("quote_ident(text) text", (c, a) -> quoteIdent(text(a, 0)))
                .add("quote_literal(text) text", (c, a) -> quoteLiteral(text(a, 0)))
                .addNullable("quote_nullable(text) text", (c, a) -> a[0] == null ? "NULL" : quoteLiteral(text(a, 0)))
                .addNullable("concat(any...) text", (c, a) -> concat(c, "", Arrays.asList(a)))
                .addNullable(
                        "concat_ws(text, any...) text",
                        (c, a) -> a[0] == null
                                ? null
                                : concat(c, text(a, 0), Arrays.asList(a).subList(1, a.length)))
                .addNullable("format(text, any...) text", (c, a) -> a[0] == null ? null : format(c, a))
                .add("regexp_replace(text, text, text, text =) text", Patterns::replace)
                .add("regexp_match(text, text, text =) _text", Patterns::firstMatch)
                .add("regexp_split_to_array(text, text, text =) _text", Patterns::split)
                .add("string_to_array(text, text, text =) _text", (c, a) -> stringToArray(a))
                .addNullable("array_to_string(anyarray, text, text =) text", (c, a) -> arrayToString(c, a));
    }

    /** The same text. @throws PgException 54000 if it is longer than is allowed */
    static String bounded(String text) {
        if (text.length() > LONGEST) {
            throw tooLong();
        }
        return text;
    }

    private static PgException tooLong() {
        return PgException.error(SqlState.of("54000"), "requested length too large");
    }

    private static int codePoints(String text) {
        return text.codePointCount(0, text.length());
    }

    private static String initcap(String text) {
        StringBuilder capitalized = new StringBuilder(text.toLowerCase(Locale.ROOT));
        for (int i = 0; i < capitalized.length(); i++) {
            if (i == 0 || !Character.isLetterOrDigit(capitalized.charAt(i - 1))) {
                capitalized.setCharAt(i, Character.toUpperCase(capitalized.charAt(i)));
            }
        }
        return capitalized.toString();
    }

    private static String trim(@Nullable Object[] arguments, boolean left, boolean right) {
        String text = text(arguments, 0);
        String characters = arguments.length > 1 ? text(arguments, 1) : " ";
        int begin = 0;
        int end = text.length();
        while (left && begin < end && characters.indexOf(text.charAt(begin)) >= 0) {
            begin++;
        }
        while (right && end > begin && characters.indexOf(text.charAt(end - 1)) >= 0) {
            end--;
        }
        return text.substring(begin, end);
    }

    private static String substring(@Nullable Object[] arguments) {
        String text = text(arguments, 0);
        int length = codePoints(text);
        long from = integer(arguments, 1);
        long end = arguments.length > 2 ? from + integer(arguments, 2) : Long.MAX_VALUE;
        if (end < from) {
            throw PgException.error(SqlState.of("22011"), "negative substring length not allowed");
        }
        int begin = (int) Math.min(Math.max(from - 1, 0), length);
        int stop = (int) Math.min(Math.max(end - 1, begin), length);
        return text.substring(text.offsetByCodePoints(0, begin), text.offsetByCodePoints(0, stop));
    }

    private static String left(String text, int count) {
        int length = codePoints(text);
        int kept = count >= 0 ? Math.min(count, length) : Math.max(0, length + count);
        return text.substring(0, text.offsetByCodePoints(0, kept));
    }

    private static String right(String text, int count) {
        int length = codePoints(text);
        int kept = count >= 0 ? Math.min(count, length) : (int) Math.max(0, length + (long) count);
        return text.substring(text.offsetByCodePoints(0, length - kept));
    }

    private static String replace(String text, String from, String to) {
        if (from.isEmpty()) {
            return text;
        }
        long growth = (long) (to.length() - from.length()) * (text.length() / from.length());
        if (text.length() + growth > LONGEST) {
            throw tooLong();
        }
        return text.replace(from, to);
    }

    private static String translate(String text, String from, String to) {
        StringBuilder translated = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int at = from.indexOf(c);
            if (at < 0) {
                translated.append(c);
            } else if (at < to.length()) {
                translated.append(to.charAt(at));
            }
        }
        return translated.toString();
    }

    private static String repeat(String text, int count) {
        if (count <= 0) {
            return "";
        }
        if ((long) text.length() * count > LONGEST) {
            throw tooLong();
        }
        return text.repeat(count);
    }

    private static String pad(@Nullable Object[] arguments, boolean before) {
        String text = text(arguments, 0);
        int length = Math.max(0, integer(arguments, 1));
        String fill = arguments.length > 2 ? text(arguments, 2) : " ";
        if (length > LONGEST) {
            throw tooLong();
        }
        if (text.length() >= length) {
            return text.substring(0, length);
        }
        if (fill.isEmpty()) {
            return text;
        }
        int missing = length - text.length();
        String padding = fill.repeat(missing / fill.length() + 1).substring(0, missing);
        return before ? padding + text : text + padding;
    }

    private static String splitPart(String text, String delimiter, int field) {
        if (field == 0) {
            throw PgException.error(SqlState.INVALID_PARAMETER_VALUE, "field position must not be zero");
        }
        List<String> parts =
                delimiter.isEmpty() ? List.of(text) : Arrays.asList(text.split(Pattern.quote(delimiter), -1));
        int index = field > 0 ? field - 1 : parts.size() + field;
        return index >= 0 && index < parts.size() ? parts.get(index) : "";
    }

    private static String md5(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("MD5").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw PgException.error(SqlState.INTERNAL_ERROR, "could not compute MD5 hash: unsupported")
                    .withCause(e);
        }
    }

    private static String chr(int code) {
        if (code <= 0 || !Character.isValidCodePoint(code)) {
            throw PgException.error(SqlState.of("54000"), "requested character not valid for encoding: " + code);
        }
        return Character.toString(code);
    }

    static String quoteIdent(String name) {
        boolean plain = !name.isEmpty()
                && name.chars().allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')
                && !Character.isDigit(name.charAt(0));
        return plain ? name : '"' + name.replace("\"", "\"\"") + '"';
    }

    private static String quoteLiteral(String text) {
        String doubled = text.replace("'", "''");
        return text.contains("\\") ? "E'" + doubled.replace("\\", "\\\\") + "'" : "'" + doubled + "'";
    }

    private static String concat(CallContext context, String separator, List<? extends @Nullable Object> parts) {
        StringBuilder text = new StringBuilder();
        boolean first = true;
        for (Object part : parts) {
            if (part != null) {
                text.append(first ? "" : separator)
                        .append(
                                part instanceof Boolean truth
                                        ? (truth ? "t" : "f")
                                        : context.output().write(part));
                first = false;
            }
        }
        return bounded(text.toString());
    }

    private static String format(CallContext context, @Nullable Object[] arguments) {
        StringBuilder text = new StringBuilder();
        String format = text(arguments, 0);
        int next = 1;
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%') {
                text.append(c);
                continue;
            }
            char kind = ++i < format.length() ? format.charAt(i) : '\0';
            if (kind == '%') {
                text.append('%');
                continue;
            }
            if (kind != 's' && kind != 'I' && kind != 'L') {
                throw PgException.error(
                        SqlState.INVALID_PARAMETER_VALUE, "unrecognized format() type specifier \"" + kind + "\"");
            }
            if (next >= arguments.length) {
                throw PgException.error(SqlState.INVALID_PARAMETER_VALUE, "too few arguments for format()");
            }
            Object argument = arguments[next++];
            String value = argument == null ? "" : context.output().write(argument);
            text.append(
                    kind == 's'
                            ? value
                            : kind == 'I' ? quoteIdent(value) : argument == null ? "NULL" : quoteLiteral(value));
        }
        return bounded(text.toString());
    }

    private static List<@Nullable String> stringToArray(@Nullable Object[] arguments) {
        String text = text(arguments, 0);
        List<@Nullable String> parts = new ArrayList<>();
        if (!text.isEmpty()) {
            parts.addAll(Arrays.asList(text.split(Pattern.quote(text(arguments, 1)), -1)));
        }
        if (arguments.length > 2) {
            parts.replaceAll(part -> Objects.equals(part, text(arguments, 2)) ? null : part);
        }
        return parts;
    }

    private static @Nullable String arrayToString(CallContext context, @Nullable Object[] arguments) {
        if (arguments[0] == null || arguments[1] == null) {
            return null;
        }
        String forNull = arguments.length > 2 && arguments[2] != null ? text(arguments, 2) : null;
        List<@Nullable Object> parts = new ArrayList<>(list(arguments, 0));
        if (forNull != null) {
            parts.replaceAll(part -> part == null ? forNull : part);
        }
        return concat(context, text(arguments, 1), parts);
    }
}
