package io.walrelay.proxy.console.function;

import static io.walrelay.proxy.console.function.Arguments.text;

import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Regular expressions, by Java's engine: what is common to it and PostgreSQL's is most of what people write. It
 * backtracks, so a hostile expression is stopped with the statement, from within.
 */
public final class Patterns {
    private Patterns() {}

    /** The text of a match, which looks now and then whether the statement has been cancelled. */
    private static final class Watched implements CharSequence {
        private final CallContext context;
        private final CharSequence text;
        private int reads;

        Watched(CallContext context, CharSequence text) {
            this.context = context;
            this.text = text;
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            if ((++reads & 0xFFF) == 0) {
                context.checkCancelled();
            }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new Watched(context, text.subSequence(start, end));
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }

    /** Whether the expression is found in the text: the operators {@code ~} and {@code ~*}. */
    public static boolean found(CallContext context, String text, String expression, boolean insensitive) {
        return matcher(context, text, expression, insensitive ? "i" : "").find();
    }

    private static Matcher matcher(CallContext context, String text, String expression, String flags) {
        int options = flags.contains("i") ? Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE : 0;
        options |= flags.contains("n") ? Pattern.MULTILINE : Pattern.DOTALL;
        try {
            // Java's own classes are called alike, but for these of PostgreSQL.
            String java = expression.replace("\\m", "\\b").replace("\\M", "\\b").replace("\\y", "\\b");
            java = java.replace("[[:digit:]]", "\\p{Digit}").replace("[[:alpha:]]", "\\p{Alpha}");
            java = java.replace("[:digit:]", "\\p{Digit}").replace("[:alnum:]", "\\p{Alnum}");
            java = java.replace("[:alpha:]", "\\p{Alpha}").replace("[:space:]", "\\s");
            return Pattern.compile(java, options).matcher(new Watched(context, text));
        } catch (PatternSyntaxException e) {
            throw PgException.error(SqlState.of("2201B"), "invalid regular expression: " + e.getDescription())
                    .withCause(e);
        }
    }

    private static String flags(@Nullable Object[] arguments, int index) {
        return arguments.length > index ? text(arguments, index) : "";
    }

    static @Nullable Object substring(CallContext context, @Nullable Object[] arguments) {
        Matcher matcher = matcher(context, text(arguments, 0), text(arguments, 1), "");
        return matcher.find() ? matcher.group(matcher.groupCount() > 0 ? 1 : 0) : null;
    }

    static Object replace(CallContext context, @Nullable Object[] arguments) {
        String flags = flags(arguments, 3);
        Matcher matcher = matcher(context, text(arguments, 0), text(arguments, 1), flags);
        String replacement = text(arguments, 2);
        StringBuilder result = new StringBuilder();
        int end = 0;
        while (matcher.find()) {
            result.append(text(arguments, 0), end, matcher.start()).append(expanded(matcher, replacement));
            end = matcher.end();
            TextFunctions.bounded(result.toString());
            if (!flags.contains("g")) {
                break;
            }
        }
        return TextFunctions.bounded(
                result.append(text(arguments, 0).substring(end)).toString());
    }

    private static String expanded(Matcher matcher, String replacement) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < replacement.length(); i++) {
            char c = replacement.charAt(i);
            char next = i + 1 < replacement.length() ? replacement.charAt(i + 1) : '\0';
            if (c == '\\' && next == '&') {
                text.append(matcher.group());
                i++;
            } else if (c == '\\' && next >= '1' && next <= '9') {
                String group = next - '0' <= matcher.groupCount() ? matcher.group(next - '0') : "";
                text.append(group == null ? "" : group);
                i++;
            } else if (c == '\\' && next == '\\') {
                text.append('\\');
                i++;
            } else {
                text.append(c);
            }
        }
        return text.toString();
    }

    private static List<@Nullable String> groups(Matcher matcher) {
        List<@Nullable String> groups = new ArrayList<>();
        if (matcher.groupCount() == 0) {
            groups.add(matcher.group());
        }
        for (int i = 1; i <= matcher.groupCount(); i++) {
            groups.add(matcher.group(i));
        }
        return groups;
    }

    static @Nullable Object firstMatch(CallContext context, @Nullable Object[] arguments) {
        Matcher matcher = matcher(context, text(arguments, 0), text(arguments, 1), flags(arguments, 2));
        return matcher.find() ? groups(matcher) : null;
    }

    static Object split(CallContext context, @Nullable Object[] arguments) {
        String text = text(arguments, 0);
        Matcher matcher = matcher(context, text, text(arguments, 1), flags(arguments, 2));
        List<String> parts = new ArrayList<>();
        int end = 0;
        while (matcher.find()) {
            if (matcher.end() > 0 && matcher.end() > matcher.start()) {
                parts.add(text.substring(end, matcher.start()));
                end = matcher.end();
            }
        }
        parts.add(text.substring(end));
        return parts;
    }

    /**
     * LIKE, in time bounded by the product of the lengths: a percent sign that failed later is never tried again once
     * another one was met.
     *
     * @param escape the character that takes the next one's meaning; NUL for none
     */
    public static boolean like(
            CallContext context, String given, String givenPattern, char escape, boolean insensitive) {
        String text = insensitive ? given.toLowerCase(java.util.Locale.ROOT) : given;
        String pattern = insensitive ? givenPattern.toLowerCase(java.util.Locale.ROOT) : givenPattern;
        int t = 0;
        int p = 0;
        int star = -1;
        int retry = 0;
        int steps = 0;
        while (t < text.length()) {
            if ((++steps & 0xFFFF) == 0) {
                context.checkCancelled();
            }
            boolean escaped = p < pattern.length() && escape != '\0' && pattern.charAt(p) == escape;
            if (escaped && p + 1 >= pattern.length()) {
                throw PgException.error(SqlState.of("22025"), "LIKE pattern must not end with escape character");
            }
            char wanted = p < pattern.length() ? pattern.charAt(escaped ? p + 1 : p) : '\0';
            if (p < pattern.length() && !escaped && wanted == '%') {
                star = p++;
                retry = t;
            } else if (p < pattern.length() && ((!escaped && wanted == '_') || wanted == text.charAt(t))) {
                p += escaped ? 2 : 1;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++retry;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '%') {
            p++;
        }
        return p == pattern.length();
    }
}
