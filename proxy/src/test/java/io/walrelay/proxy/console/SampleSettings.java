package io.walrelay.proxy.console;

import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A few settings of a session. */
final class SampleSettings implements ConsoleSettings {
    private final Map<String, String> defaults = new LinkedHashMap<>(Map.of(
            "TimeZone", "UTC",
            "DateStyle", "ISO, MDY",
            "statement_timeout", "0",
            "client_encoding", "UTF8",
            "application_name", "",
            "server_version", "15.3",
            "max_wal_senders", "10"));
    private Map<String, String> changed = new LinkedHashMap<>();

    private String spelling(String name) {
        for (String known : defaults.keySet()) {
            if (known.equalsIgnoreCase(name)) {
                return known;
            }
        }
        throw PgException.error(SqlState.UNDEFINED_OBJECT, "unrecognized configuration parameter \"" + name + "\"");
    }

    @Override
    public Shown show(String name) {
        String spelling = spelling(name);
        @Nullable String value = changed.get(spelling.toLowerCase(Locale.ROOT));
        return new Shown(spelling, value == null ? String.valueOf(defaults.get(spelling)) : value, "");
    }

    @Override
    public List<Shown> showAll() {
        return defaults.keySet().stream().sorted().map(this::show).toList();
    }

    @Override
    public void set(String name, String value) {
        changed.put(spelling(name).toLowerCase(Locale.ROOT), value);
    }

    @Override
    public void reset(String name) {
        changed.remove(spelling(name).toLowerCase(Locale.ROOT));
    }

    @Override
    public void resetAll() {
        changed.clear();
    }

    @Override
    public Map<String, String> save() {
        return Map.copyOf(changed);
    }

    @Override
    public void restore(Map<String, String> saved) {
        changed = new LinkedHashMap<>(saved);
    }
}
