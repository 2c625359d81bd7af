package io.walrelay.proxy.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What walrelay.conf.sample and docs/settings.md have to say. */
final class SettingsDocuments {
    private static final int WIDTH = 100;

    private SettingsDocuments() {}

    static String sample() {
        StringBuilder text = new StringBuilder("""
                # The settings of walrelay. Copy this file, take the # away from what you change, and start
                #
                #     walrelay serve --config-file=walrelay.conf
                #
                # The grammar is that of postgresql.conf: name = value, # begins a comment, text stands in single quotes,
                # units are us ms s min h d, include, include_if_exists and include_dir read other files, the last line of
                # a name wins. "walrelay check-config" says everything that is wrong. SIGHUP makes the relay read the file
                # again. What is shown here are the defaults.
                """);
        for (Category category : Category.values()) {
            text.append("\n\n#").append("-".repeat(WIDTH - 1)).append('\n');
            text.append("# ").append(category.title().toUpperCase(Locale.ROOT)).append('\n');
            text.append('#').append("-".repeat(WIDTH - 1)).append('\n');
            for (Setting<?> setting : in(category)) {
                text.append('\n');
                for (String line :
                        wrap(setting.doc() + range(setting).map(r -> " " + r).orElse(""))) {
                    text.append("# ").append(line).append('\n');
                }
                text.append('#').append(setting.name()).append(" = ").append(literal(setting));
                if (setting.context() == Context.POSTMASTER) {
                    text.append("  # (change requires restart)");
                }
                text.append('\n');
            }
        }
        return text.toString();
    }

    static String page() {
        StringBuilder text = new StringBuilder("""
                # Settings

                One file, in the grammar of `postgresql.conf`: `walrelay serve --config-file=FILE`. `-c name=value` on the
                command line wins over it. `walrelay check-config` says everything that is wrong with it and starts nothing.
                [walrelay.conf.sample](../walrelay.conf.sample) shows every setting.

                A name that PostgreSQL has means here what it means there. *Changes* says when a new value counts: at a
                *restart*; at a *reload* (SIGHUP); a *client* may also choose its own when it connects
                (`options='-c name=value'`). A relative path counts from the directory of the file that it is written in, or
                from the current one on the command line.
                """);
        for (Category category : Category.values()) {
            text.append("\n## ").append(category.title()).append("\n\n");
            text.append("| Setting | Default | Changes | |\n|---|---|---|---|\n");
            for (Setting<?> setting : in(category)) {
                text.append("| `%s` | %s | %s | %s%s |\n"
                        .formatted(
                                setting.name(),
                                setting.defaultText().isEmpty() ? "" : "`" + setting.defaultText() + "`",
                                switch (setting.context()) {
                                    case POSTMASTER -> "restart";
                                    case SIGHUP -> "reload";
                                    case USER -> "client";
                                },
                                setting.doc().replace("|", "\\|"),
                                range(setting).map(range -> " " + range).orElse("")));
            }
        }
        return text.toString();
    }

    private static List<Setting<?>> in(Category category) {
        return Settings.all().stream()
                .filter(setting -> setting.category() == category)
                .toList();
    }

    /** A bound is worth telling where it is not simply what an integer can hold. */
    private static Optional<String> range(Setting<?> setting) {
        SettingType<?> type = setting.type();
        String unit = type.unit().map(u -> " " + u.label()).orElse("");
        if (!type.choices().isEmpty()) {
            return Optional.of("One of "
                    + type.choices().stream().filter(word -> !word.isEmpty()).collect(Collectors.joining(", ")) + ".");
        }
        boolean bounded = type.maximum().isPresent()
                && !type.maximum().get().equals(Integer.toString(Integer.MAX_VALUE))
                && !type.maximum().get().equals(Integer.toString(Integer.MAX_VALUE / 1000));
        if (bounded) {
            return Optional.of("%s to %s%s."
                    .formatted(type.minimum().orElseThrow(), type.maximum().get(), unit));
        }
        return unit.isEmpty() ? Optional.empty() : Optional.of("Without a unit:" + unit + ".");
    }

    private static String literal(Setting<?> setting) {
        return switch (setting.type().vartype()) {
            case "string" -> "'" + setting.defaultText() + "'";
            default -> setting.defaultText().isEmpty() ? "''" : setting.defaultText();
        };
    }

    private static List<String> wrap(String text) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : List.of(text.split(" ", -1))) {
            if (line.length() + word.length() > WIDTH - 3) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }
}
