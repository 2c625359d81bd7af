package io.walrelay.proxy.config;

import io.walrelay.proxy.syncrep.StandbyNamesException;
import io.walrelay.proxy.syncrep.SyncStandbyNames;
import io.walrelay.wire.tls.TlsVersion;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How a setting's text becomes a value, and how SHOW prints it (parse_and_validate_value and ShowGUCOption of guc.c).
 */
public sealed interface SettingType<T> {

    /** Reads a value.
     *
     * @param name the setting's name, for messages
     * @param base the directory that a relative path counts from
     */
    T parse(String name, String text, Path base) throws InvalidValueException;

    /** The value as SHOW prints it; {@code text} is what the file says. */
    default String show(T value, String text) {
        return text;
    }

    /** The {@code setting} column of pg_settings: as SHOW prints it, but a number is in {@link #unit}. */
    default String setting(T value, String text) {
        return show(value, text);
    }

    /** The {@code vartype} column of pg_settings. */
    default String vartype() {
        return "string";
    }

    /** The unit of a plain number. */
    default Optional<Unit> unit() {
        return Optional.empty();
    }

    /** The smallest value, as pg_settings shows it. */
    default Optional<String> minimum() {
        return Optional.empty();
    }

    /** The largest value, as pg_settings shows it. */
    default Optional<String> maximum() {
        return Optional.empty();
    }

    /** The words that an enum takes. */
    default List<String> choices() {
        return List.of();
    }

    private static InvalidValueException invalid(String name, String text, String detail, String hint) {
        return new InvalidValueException(
                "invalid value for parameter \"%s\": \"%s\"".formatted(name, text), detail, hint);
    }

    private static int parseInteger(String name, String text, int min, int max, @Nullable Unit unit)
            throws InvalidValueException {
        int value;
        try {
            value = IntegerText.parse(text, unit);
        } catch (IntegerText.Malformed malformed) {
            throw invalid(name, text, "", malformed.hint());
        }
        if (value < min || value > max) {
            String label = unit == null ? "" : " " + unit.label();
            throw new InvalidValueException(
                    "%d%s is outside the valid range for parameter \"%s\" (%d%s .. %d%s)"
                            .formatted(value, label, name, min, label, max, label),
                    "",
                    "");
        }
        return value;
    }

    /** on, off, true, false, yes, no, 1, 0, or what can only mean one of them. */
    record Bool() implements SettingType<Boolean> {
        @Override
        public Boolean parse(String name, String text, Path base) throws InvalidValueException {
            String word = text.toLowerCase(Locale.ROOT);
            if (isPrefix(word, "true", 1) || isPrefix(word, "yes", 1) || word.equals("on") || word.equals("1")) {
                return true;
            }
            if (isPrefix(word, "false", 1) || isPrefix(word, "no", 1) || isPrefix(word, "off", 2) || word.equals("0")) {
                return false;
            }
            throw new InvalidValueException("parameter \"%s\" requires a Boolean value".formatted(name), "", "");
        }

        private static boolean isPrefix(String word, String of, int least) {
            return word.length() >= least && of.startsWith(word);
        }

        @Override
        public String show(Boolean value, String text) {
            return value ? "on" : "off";
        }

        @Override
        public String vartype() {
            return "bool";
        }
    }

    /** A whole number within bounds, in whatever unit. */
    sealed interface Whole<T> extends SettingType<T> {
        /** The smallest, in the unit. */
        int min();

        /** The largest, in the unit. */
        int max();

        @Override
        default String vartype() {
            return "integer";
        }

        @Override
        default Optional<String> minimum() {
            return Optional.of(Integer.toString(min()));
        }

        @Override
        default Optional<String> maximum() {
            return Optional.of(Integer.toString(max()));
        }
    }

    /** A whole number without a unit. */
    record Int(int min, int max) implements Whole<Integer> {
        @Override
        public Integer parse(String name, String text, Path base) throws InvalidValueException {
            return parseInteger(name, text, min, max, null);
        }

        @Override
        public String show(Integer value, String text) {
            return value.toString();
        }
    }

    /** A length of time.
     *
     * @param base MS or S: what a number without a unit counts
     */
    record Time(Unit base, int min, int max) implements Whole<Duration> {
        @Override
        public Duration parse(String name, String text, Path directory) throws InvalidValueException {
            return Duration.of(parseInteger(name, text, min, max, base), chronoUnit());
        }

        private ChronoUnit chronoUnit() {
            return base == Unit.MS ? ChronoUnit.MILLIS : ChronoUnit.SECONDS;
        }

        @Override
        public String show(Duration value, String text) {
            return base.show(value.dividedBy(chronoUnit().getDuration()));
        }

        @Override
        public String setting(Duration value, String text) {
            return Long.toString(value.dividedBy(chronoUnit().getDuration()));
        }

        @Override
        public Optional<Unit> unit() {
            return Optional.of(base);
        }
    }

    /** A number of bytes, which a number without a unit counts in MB; -1, where allowed, is no limit.
     *
     * @param min in MB
     * @param max in MB
     */
    record Size(int min, int max) implements Whole<Long> {
        private static final long MEGABYTE = 1L << 20;

        @Override
        public Long parse(String name, String text, Path base) throws InvalidValueException {
            int megabytes = parseInteger(name, text, min, max, Unit.MB);
            return megabytes < 0 ? megabytes : megabytes * MEGABYTE;
        }

        @Override
        public String show(Long value, String text) {
            return value < 0 ? value.toString() : Unit.MB.show(value / MEGABYTE);
        }

        @Override
        public String setting(Long value, String text) {
            return Long.toString(value < 0 ? value : value / MEGABYTE);
        }

        @Override
        public Optional<Unit> unit() {
            return Optional.of(Unit.MB);
        }
    }

    /** One word of several, in any case. */
    record Choice<E extends Enum<E>>(Class<E> values) implements SettingType<E> {
        @Override
        public E parse(String name, String text, Path base) throws InvalidValueException {
            for (E value : values.getEnumConstants()) {
                if (value.name().equalsIgnoreCase(text)) {
                    return value;
                }
            }
            throw invalid(name, text, "", "Available values: " + String.join(", ", choices()) + ".");
        }

        @Override
        public String show(E value, String text) {
            return value.name().toLowerCase(Locale.ROOT);
        }

        @Override
        public String vartype() {
            return "enum";
        }

        @Override
        public List<String> choices() {
            return Arrays.stream(values.getEnumConstants())
                    .map(value -> value.name().toLowerCase(Locale.ROOT))
                    .collect(Collectors.toList());
        }
    }

    /** Any text. */
    record Text() implements SettingType<String> {
        @Override
        public String parse(String name, String text, Path base) {
            return text;
        }
    }

    /** Names with commas between them; a name may stand in double quotes. */
    record NameList() implements SettingType<List<String>> {
        @Override
        public List<String> parse(String name, String text, Path base) throws InvalidValueException {
            return CommaList.split(text).orElseThrow(() -> invalid(name, text, "List syntax is invalid.", ""));
        }
    }

    /** A file or directory. */
    record Location() implements SettingType<Path> {
        @Override
        public Path parse(String name, String text, Path base) throws InvalidValueException {
            return new OptionalLocation()
                    .parse(name, text, base)
                    .orElseThrow(() -> invalid(name, text, "The path is empty.", ""));
        }

        @Override
        public String show(Path value, String text) {
            return value.toString();
        }
    }

    /** A file, or none where the text is empty. */
    record OptionalLocation() implements SettingType<Optional<Path>> {
        @Override
        public Optional<Path> parse(String name, String text, Path base) throws InvalidValueException {
            try {
                return text.isEmpty()
                        ? Optional.empty()
                        : Optional.of(base.resolve(text).toAbsolutePath().normalize());
            } catch (InvalidPathException e) {
                throw invalid(name, text, String.valueOf(e.getReason()), "");
            }
        }

        @Override
        public String show(Optional<Path> value, String text) {
            return value.map(Path::toString).orElse("");
        }
    }

    /** The name of a replication slot, or none where the text is empty (ReplicationSlotValidateName of slot.c). */
    record SlotName() implements SettingType<Optional<String>> {
        private static final Pattern LEGAL = Pattern.compile("[a-z0-9_]+");
        private static final int MAX_LENGTH = 63;

        @Override
        public Optional<String> parse(String name, String text, Path base) throws InvalidValueException {
            if (text.length() > MAX_LENGTH) {
                throw invalid(name, text, "replication slot name \"" + text + "\" is too long", "");
            }
            if (!text.isEmpty() && !LEGAL.matcher(text).matches()) {
                throw invalid(
                        name,
                        text,
                        "replication slot name \"" + text + "\" contains invalid character",
                        "Replication slot names may only contain lower case letters, numbers, and the underscore"
                                + " character.");
            }
            return text.isEmpty() ? Optional.empty() : Optional.of(text);
        }
    }

    /** A libpq connection string, or none where the text is empty; SHOW hides the password in it. */
    record Conninfo() implements SettingType<Optional<ConnectionInfo>> {
        @Override
        public Optional<ConnectionInfo> parse(String name, String text, Path base) throws InvalidValueException {
            try {
                return text.isBlank() ? Optional.empty() : Optional.of(ConnectionInfo.parse(text));
            } catch (ConnectionInfoException e) {
                // The text itself may hold a password: it is not repeated.
                throw new InvalidValueException(
                        "invalid value for parameter \"%s\"".formatted(name), e.message(), e.hint());
            }
        }

        @Override
        public String show(Optional<ConnectionInfo> value, String text) {
            return value.map(ConnectionInfo::toString).orElse("");
        }
    }

    /** Names of standbys, with the grammar of synchronous_standby_names; none where the text is empty. */
    record StandbyNames() implements SettingType<Optional<SyncStandbyNames>> {
        @Override
        public Optional<SyncStandbyNames> parse(String name, String text, Path base) throws InvalidValueException {
            try {
                return SyncStandbyNames.parse(text);
            } catch (StandbyNamesException e) {
                throw e.detail().isPresent()
                        ? invalid(name, text, e.message(), "")
                        : new InvalidValueException(e.message(), "", "");
            }
        }
    }

    /**
     * A version of TLS.
     *
     * @param optional whether it may be empty, for any
     */
    record Protocol(boolean optional) implements SettingType<Optional<TlsVersion>> {
        @Override
        public Optional<TlsVersion> parse(String name, String text, Path base) throws InvalidValueException {
            Optional<TlsVersion> version = TlsVersion.of(text);
            if (version.isEmpty() && !(optional && text.isEmpty())) {
                throw invalid(name, text, "", "Available values: " + String.join(", ", choices()) + ".");
            }
            return version;
        }

        @Override
        public String show(Optional<TlsVersion> value, String text) {
            return value.map(TlsVersion::label).orElse("");
        }

        @Override
        public String vartype() {
            return "enum";
        }

        @Override
        public List<String> choices() {
            return Stream.concat(optional ? Stream.of("") : Stream.empty(), TlsVersion.labels().stream())
                    .toList();
        }
    }

    /** latest, current, or the number of a timeline. */
    record Timeline() implements SettingType<RecoveryTargetTimeline> {
        private static final long MAX = 0xFFFF_FFFFL;

        @Override
        public RecoveryTargetTimeline parse(String name, String text, Path base) throws InvalidValueException {
            if (text.equals("latest") || text.isEmpty()) {
                return new RecoveryTargetTimeline.Latest();
            }
            if (text.equals("current")) {
                return new RecoveryTargetTimeline.Current();
            }
            long timeline;
            try {
                timeline = Long.parseLong(text);
            } catch (NumberFormatException e) {
                throw invalid(name, text, "\"" + name + "\" is not a valid number.", "");
            }
            if (timeline < 1 || timeline > MAX) {
                throw invalid(name, text, "\"%s\" must be between %d and %d.".formatted(name, 1, MAX), "");
            }
            return new RecoveryTargetTimeline.Target(timeline);
        }
    }
}
