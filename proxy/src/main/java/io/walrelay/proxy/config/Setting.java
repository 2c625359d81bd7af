package io.walrelay.proxy.config;

import java.nio.file.Path;

/** One setting of the catalogue. Two settings are equal only if they are the same one.
 *
 * @param <T> what its value is to the program
 */
public final class Setting<T> {
    private final String name;
    private final SettingType<T> type;
    private final String defaultText;
    private final Context context;
    private final Category category;
    private final String doc;

    Setting(String name, SettingType<T> type, String defaultText, Context context, Category category, String doc) {
        this.name = name;
        this.type = type;
        this.defaultText = defaultText;
        this.context = context;
        this.category = category;
        this.doc = doc;
    }

    /** The name in the file: PostgreSQL's wherever the meaning is PostgreSQL's. */
    public String name() {
        return name;
    }

    /** How it is read and shown; knows unit, bounds and choices. */
    public SettingType<T> type() {
        return type;
    }

    /** The default, as one would write it in the file. */
    public String defaultText() {
        return defaultText;
    }

    /** The default as the {@code boot_val} column of pg_settings has it: numbers in their unit. */
    public String bootValue() {
        if (type.unit().isEmpty()) {
            return defaultText;
        }
        try {
            return type.setting(parse(defaultText), defaultText);
        } catch (InvalidValueException e) {
            throw new IllegalStateException("the default of " + name + " is not valid", e);
        }
    }

    /** When it may change. */
    public Context context() {
        return context;
    }

    /** Where it stands in the documentation. */
    public Category category() {
        return category;
    }

    /** One or two sentences that say what it does. */
    public String doc() {
        return doc;
    }

    /** Reads a value that comes from elsewhere than the file, such as a client's start-up options. */
    public T parse(String text) throws InvalidValueException {
        return type.parse(name, text, Path.of(""));
    }

    @Override
    public String toString() {
        return name;
    }
}
