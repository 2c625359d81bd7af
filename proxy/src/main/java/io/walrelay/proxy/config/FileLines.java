package io.walrelay.proxy.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Reads what the configuration file says now, beside the settings in force. Mirrors {@code ProcessConfigFileInternal}.
 */
final class FileLines {
    private static final String NOT_APPLIED = "setting could not be applied";

    private final Configuration inForce;

    FileLines(Configuration inForce) {
        this.inForce = inForce;
    }

    /** The lines of a file and of those that it includes: good ones in their order, then what could not be read. */
    List<FileLine> of(Path file) {
        ConfigurationFile reader = new ConfigurationFile(new ArrayList<>());
        List<Assignment> assignments = reader.read(file);
        Map<String, Assignment> last = new HashMap<>();
        assignments.forEach(assignment ->
                Settings.find(assignment.name()).ifPresent(setting -> last.put(setting.name(), assignment)));
        List<FileLine> lines = new ArrayList<>();
        boolean readable = reader.unread().isEmpty();
        boolean applying = readable && assignments.stream().allMatch(assignment -> known(assignment.name()));
        for (Assignment assignment : assignments) {
            Optional<Setting<?>> setting = Settings.find(assignment.name());
            if (setting.isEmpty()) {
                // As it stands there, it may hold a password.
                lines.add(line(
                        assignment,
                        Optional.empty(),
                        false,
                        readable ? Optional.of("unrecognized configuration parameter") : Optional.empty()));
            } else {
                boolean counts =
                        applying && Objects.equals(last.get(setting.get().name()), assignment);
                lines.add(line(assignment, setting.get(), counts));
            }
        }
        if (applying) {
            Settings.all().stream()
                    .filter(setting -> !last.containsKey(setting.name()))
                    .filter(setting ->
                            setting.context() == Context.POSTMASTER && inForce.origin(setting) instanceof Origin.File)
                    .forEach(removed -> lines.add(FileLine.nowhere(Reloading.NEEDS_RESTART.formatted(removed))));
        }
        lines.addAll(reader.unread());
        return lines;
    }

    private static boolean known(String name) {
        return Settings.find(name).isPresent();
    }

    private <T> FileLine line(Assignment assignment, Setting<T> setting, boolean counts) {
        try {
            Configuration.Value<T> value =
                    Configuration.parse(setting, assignment.text(), assignment.origin(), Path.of(""));
            boolean needsRestart =
                    setting.context() == Context.POSTMASTER && !value.value().equals(inForce.get(setting));
            return line(
                    assignment,
                    Optional.of(withoutSecrets(value)),
                    counts && !needsRestart,
                    counts && needsRestart ? Optional.of(NOT_APPLIED) : Optional.empty());
        } catch (InvalidValueException e) {
            // As it stands there, it may hold a password.
            Optional<String> text = mayHoldSecrets(setting) ? Optional.empty() : Optional.of(assignment.text());
            return line(assignment, text, false, counts ? Optional.of(NOT_APPLIED) : Optional.empty());
        }
    }

    /** As written, but for passwords. */
    static String withoutSecrets(Configuration.Value<?> value) {
        return mayHoldSecrets(value.setting()) ? value.show() : value.text();
    }

    private static boolean mayHoldSecrets(Setting<?> setting) {
        return setting.equals(Settings.PRIMARY_CONNINFO);
    }

    private static Origin.File file(Assignment assignment) {
        if (assignment.origin() instanceof Origin.File file) {
            return file;
        }
        throw new IllegalStateException("not from a file: " + assignment.name());
    }

    private static FileLine line(
            Assignment assignment, Optional<String> shown, boolean applied, Optional<String> error) {
        Origin.File at = file(assignment);
        return new FileLine(Optional.of(at.file()), at.line(), Optional.of(assignment.name()), shown, applied, error);
    }
}
