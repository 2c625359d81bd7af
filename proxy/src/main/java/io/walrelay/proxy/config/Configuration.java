package io.walrelay.proxy.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An immutable snapshot of every setting. A reload makes a new one; readers keep a reference and never see half of a
 * change.
 */
public final class Configuration {
    private final @Nullable Path file;
    private final List<String> overrides;
    private final Map<Setting<?>, Value<?>> values;
    private final Set<Setting<?>> pendingRestart;

    /** What one setting is.
     *
     * @param text as written
     */
    record Value<T>(Setting<T> setting, T value, String text, Origin origin) {
        String show() {
            return setting.type().show(value, text);
        }

        String inUnit() {
            return setting.type().setting(value, text);
        }
    }

    private Configuration(
            @Nullable Path file,
            List<String> overrides,
            Map<Setting<?>, Value<?>> values,
            Set<Setting<?>> pendingRestart) {
        this.file = file;
        this.overrides = List.copyOf(overrides);
        this.values = Map.copyOf(values);
        this.pendingRestart = Set.copyOf(pendingRestart);
    }

    /** Reads the file and the options of the command line, which win.
     *
     * @param file null: defaults and overrides only
     * @param overrides {@code name=value} each
     * @throws ConfigurationException with every problem there is
     */
    public static Configuration load(@Nullable Path file, List<String> overrides) throws ConfigurationException {
        List<Problem> problems = new ArrayList<>();
        Map<Setting<?>, Value<?>> values = new HashMap<>();
        Path directory = Path.of("").toAbsolutePath();
        Path fileDirectory = directory;
        List<Assignment> assignments = new ArrayList<>();
        if (file != null) {
            Path absolute = file.toAbsolutePath().normalize();
            fileDirectory = Optional.ofNullable(absolute.getParent()).orElse(directory);
            assignments.addAll(effective(new ConfigurationFile(problems).read(absolute), problems));
        }
        assignments.addAll(effective(CommandLineOptions.parse(overrides, problems), problems));
        for (Setting<?> setting : Settings.all()) {
            put(values, setting, setting.defaultText(), new Origin.Default(), fileDirectory, problems);
        }
        for (Assignment assignment : assignments) {
            put(values, setting(assignment.name()), assignment.text(), assignment.origin(), directory, problems);
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        Configuration loaded = new Configuration(file, overrides, values, Set.of());
        loaded.requireUnreservedConnections();
        return loaded;
    }

    /**
     * The last assignment of each setting: as in PostgreSQL, the value in a line that a later one replaces is not
     * looked at. A name that is no setting is a problem wherever it stands.
     */
    static List<Assignment> effective(List<Assignment> assignments, List<Problem> problems) {
        Map<String, Assignment> last = new LinkedHashMap<>();
        for (Assignment assignment : assignments) {
            Optional<Setting<?>> setting = Settings.find(assignment.name());
            if (setting.isEmpty()) {
                problems.add(Problem.of("unrecognized configuration parameter \"%s\"%s"
                        .formatted(assignment.name(), assignment.origin().place())));
            } else {
                last.remove(setting.get().name());
                last.put(setting.get().name(), assignment);
            }
        }
        return List.copyOf(last.values());
    }

    private void requireUnreservedConnections() throws ConfigurationException {
        int reserved = get(Settings.SUPERUSER_RESERVED_CONNECTIONS);
        int most = get(Settings.MAX_CONNECTIONS);
        if (reserved >= most) {
            throw new ConfigurationException(List.of(Problem.of(Settings.SUPERUSER_RESERVED_CONNECTIONS.name() + " ("
                    + reserved + ") must be less than " + Settings.MAX_CONNECTIONS.name() + " (" + most + ")")));
        }
    }

    private static Setting<?> setting(String name) {
        return Settings.find(name).orElseThrow();
    }

    private static <T> void put(
            Map<Setting<?>, Value<?>> values,
            Setting<T> setting,
            String text,
            Origin origin,
            Path directory,
            List<Problem> problems) {
        try {
            values.put(setting, parse(setting, text, origin, directory));
        } catch (InvalidValueException e) {
            problems.add(Problem.of(e, origin));
        }
    }

    /** @param directory what relative names of files begin from that stand in no file */
    static <T> Value<T> parse(Setting<T> setting, String text, Origin origin, Path directory)
            throws InvalidValueException {
        Path base = origin instanceof Origin.File source ? source.file().resolveSibling("") : directory;
        return new Value<>(setting, setting.type().parse(setting.name(), text, base), text, origin);
    }

    /** The value. */
    public <T> T get(Setting<T> setting) {
        return value(setting).value();
    }

    /** The value as SHOW prints it, without secrets. */
    public String show(Setting<?> setting) {
        return value(setting).show();
    }

    /** The value as the {@code setting} column of pg_settings has it: numbers in their unit. */
    public String setting(Setting<?> setting) {
        return value(setting).inUnit();
    }

    /** Where the value comes from. */
    public Origin origin(Setting<?> setting) {
        return value(setting).origin();
    }

    /** What the file says now: the rows of {@code pg_file_settings}. Reads it, and those that it includes. */
    public List<FileLine> fileLines() {
        return file == null
                ? List.of()
                : new FileLines(this).of(file.toAbsolutePath().normalize());
    }

    /** The file it was read from. */
    public Optional<Path> file() {
        return Optional.ofNullable(file);
    }

    /** Whether the file has another value for it, which only a restart can bring into force. */
    public boolean needsRestart(Setting<?> setting) {
        return pendingRestart.contains(setting);
    }

    /**
     * Reads the same file again. What the command line says still wins; what is bad or needs a restart keeps the value
     * it has.
     */
    public Reload reload() {
        return file == null
                ? new Reload(this, true, List.of())
                : new Reloading(this, file.toAbsolutePath().normalize()).read();
    }

    /** The same with other values. */
    Configuration with(Map<Setting<?>, Value<?>> others, Set<Setting<?>> needRestart) {
        Map<Setting<?>, Value<?>> merged = new HashMap<>(values);
        merged.putAll(others);
        return new Configuration(file, overrides, merged, needRestart);
    }

    // Every setting is put under itself with a value of its own type.
    @SuppressWarnings("unchecked")
    private <T> Value<T> value(Setting<T> setting) {
        Value<?> value = values.get(setting);
        if (value == null) {
            throw new IllegalArgumentException("not in the catalogue: " + setting);
        }
        return (Value<T>) value;
    }
}
