package io.walrelay.replication.command;

import io.walrelay.replication.command.ReplicationCommand.Option;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * An option before its meaning is known. Whether a value was a number or text matters to PostgreSQL's {@code
 * defGetBoolean}: {@code 1} is true, {@code '1'} is none.
 *
 * @param value empty where none was given
 */
record ParsedOption(String name, Optional<Value> value) {
    /** What stood behind an option's name. */
    sealed interface Value {
        record TextValue(String text) implements Value {}

        record NumberValue(int number) implements Value {}
    }

    static ParsedOption of(String name) {
        return new ParsedOption(name, Optional.empty());
    }

    static ParsedOption of(String name, String text) {
        return new ParsedOption(name, Optional.of(new Value.TextValue(text)));
    }

    static ParsedOption of(String name, int number) {
        return new ParsedOption(name, Optional.of(new Value.NumberValue(number)));
    }

    static List<Option> options(List<ParsedOption> options) {
        return options.stream().map(ParsedOption::option).toList();
    }

    /** The option for those who only read text. */
    Option option() {
        return new Option(name, value.map(ParsedOption::text));
    }

    /** As {@code defGetBoolean}: no value is true, 0 and 1, and true, false, on, off in any case. */
    boolean booleanValue() {
        if (value.isEmpty()) {
            return true;
        }
        return switch (text(value.get()).toLowerCase(Locale.ROOT)) {
            case "true", "on" -> true;
            case "false", "off" -> false;
            case "1" -> numberOnly(true);
            case "0" -> numberOnly(false);
            default -> throw notBoolean();
        };
    }

    private boolean numberOnly(boolean meaning) {
        if (value.orElseThrow() instanceof Value.NumberValue) {
            return meaning;
        }
        throw notBoolean();
    }

    private RefusedException notBoolean() {
        return RefusedException.syntaxError(name + " requires a Boolean value");
    }

    /** As {@code defGetString}: there has to be a value, a number stands in decimal. */
    String stringValue() {
        return text(value.orElseThrow(() -> RefusedException.syntaxError(name + " requires a parameter")));
    }

    private static String text(Value value) {
        return switch (value) {
            case Value.TextValue text -> text.text();
            case Value.NumberValue number -> Integer.toString(number.number());
        };
    }
}
