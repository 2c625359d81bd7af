package io.walrelay.proxy.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One reload of the file, as {@code ProcessConfigFileInternal} does it: a file that cannot be read, or that names a
 * setting that does not exist, changes nothing; of any other, the good lines count.
 */
final class Reloading {
    static final String NEEDS_RESTART = "parameter \"%s\" cannot be changed without restarting the server";

    private final Configuration inForce;
    private final Path file;
    private final Map<Setting<?>, Configuration.Value<?>> values = new HashMap<>();
    private final Set<Setting<?>> pendingRestart = new HashSet<>();
    private final List<String> messages = new ArrayList<>();
    private Optional<Path> bad = Optional.empty();

    Reloading(Configuration inForce, Path file) {
        this.inForce = inForce;
        this.file = file;
    }

    Reload read() {
        List<Problem> problems = new ArrayList<>();
        List<Assignment> lines = new ConfigurationFile(problems).read(file);
        if (!problems.isEmpty()) {
            return nothing(problems, file);
        }
        List<Assignment> effective = Configuration.effective(lines, problems);
        if (!problems.isEmpty()) {
            return nothing(problems, lastUnknown(lines));
        }
        Set<Setting<?>> given = effective.stream().map(Reloading::setting).collect(Collectors.toSet());
        for (Setting<?> setting : Settings.all()) {
            if (inForce.origin(setting) instanceof Origin.File && !given.contains(setting)) {
                remove(setting);
            }
        }
        effective.forEach(line -> apply(setting(line), line));
        bad.ifPresent(where ->
                messages.add("configuration file \"" + where + "\" contains errors; unaffected changes were applied"));
        return new Reload(inForce.with(values, pendingRestart), true, messages);
    }

    private Reload nothing(List<Problem> problems, Path where) {
        problems.forEach(problem -> messages.add(problem.text()));
        messages.add("configuration file \"" + where + "\" contains errors; no changes were applied");
        return new Reload(inForce, false, messages);
    }

    private Path lastUnknown(List<Assignment> lines) {
        Path last = file;
        for (Assignment line : lines) {
            if (Settings.find(line.name()).isEmpty()) {
                last = fileOf(line);
            }
        }
        return last;
    }

    private Path fileOf(Assignment line) {
        return line.origin() instanceof Origin.File at ? at.file() : file;
    }

    private static Setting<?> setting(Assignment line) {
        return Settings.find(line.name()).orElseThrow();
    }

    private void remove(Setting<?> setting) {
        if (setting.context() == Context.POSTMASTER) {
            keep(setting, file);
            return;
        }
        try {
            values.put(
                    setting,
                    Configuration.parse(setting, setting.defaultText(), new Origin.Default(), file.resolveSibling("")));
        } catch (InvalidValueException e) {
            throw new IllegalStateException("the default of " + setting + " is not valid", e);
        }
        messages.add("parameter \"%s\" removed from configuration file, reset to default".formatted(setting));
    }

    private void keep(Setting<?> setting, Path where) {
        pendingRestart.add(setting);
        messages.add(NEEDS_RESTART.formatted(setting));
        bad = Optional.of(where);
    }

    private <T> void apply(Setting<T> setting, Assignment line) {
        Configuration.Value<T> value;
        try {
            value = Configuration.parse(setting, line.text(), line.origin(), file.resolveSibling(""));
        } catch (InvalidValueException e) {
            messages.add(Problem.of(e, line.origin()).text());
            bad = Optional.of(fileOf(line));
            return;
        }
        boolean same = value.value().equals(inForce.get(setting));
        boolean fixed = setting.context() == Context.POSTMASTER;
        // As in PostgreSQL, a file that is read later does not become the source of what it could not have changed.
        boolean sourced = inForce.origin(setting) instanceof Origin.File || !fixed;
        if (fixed && !same) {
            keep(setting, fileOf(line));
        } else if (sourced && !(inForce.origin(setting) instanceof Origin.CommandLine)) {
            values.put(setting, value);
            if (!same) {
                messages.add("parameter \"%s\" changed to \"%s\"".formatted(setting, FileLines.withoutSecrets(value)));
            }
        }
    }
}
