package io.walrelay.proxy.session;

import io.walrelay.proxy.cluster.MirroredServer;
import io.walrelay.proxy.config.InvalidValueException;
import io.walrelay.proxy.config.SettingType;
import io.walrelay.proxy.config.Settings;
import io.walrelay.proxy.config.Unit;
import io.walrelay.proxy.console.ConsoleSettings;
import io.walrelay.proxy.query.SessionView;
import io.walrelay.proxy.query.format.TextStyle;
import io.walrelay.wire.error.PgException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The settings of a session that speaks SQL: those it began with, and what SET has made of them. On the session's
 * worker.
 */
final class SqlSettings implements ConsoleSettings, SessionView {
    private static final Duration FOR_EVER = Duration.ofDays(365);

    private static final SettingType.Time MILLISECONDS = new SettingType.Time(Unit.MS, 0, Integer.MAX_VALUE);

    private final SessionSettings start;
    private final MirroredServer server;
    private final boolean admin;
    private final Map<String, String> set = new HashMap<>();

    SqlSettings(SessionSettings start, MirroredServer server, boolean admin) {
        this.start = start;
        this.server = server;
        this.admin = admin;
    }

    @Override
    public Shown show(String name) {
        return shown(parameter(name));
    }

    /** The same as a replication command shows it. */
    MirroredServer.Parameter parameter(String name) {
        return now(start.show(name));
    }

    private MirroredServer.Parameter now(MirroredServer.Parameter atStart) {
        return new MirroredServer.Parameter(
                atStart.name(), changed(atStart.name()).orElse(atStart.setting()), atStart.description());
    }

    private static Shown shown(MirroredServer.Parameter parameter) {
        return new Shown(parameter.name(), parameter.setting(), parameter.description());
    }

    /** What is otherwise here than in a session for replication, which has no encoding and no role. */
    private Optional<String> changed(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return Optional.ofNullable(set.get(lower)).or(() -> switch (lower) {
            case "client_encoding" -> start.requested(lower).or(() -> Optional.of("UTF8"));
            case "statement_timeout" ->
                start.requested(lower).or(() -> Optional.of(start.configured().show(Settings.STATEMENT_TIMEOUT)));
            case "server_encoding" -> Optional.of("UTF8");
            case "is_superuser" -> Optional.of(admin ? "on" : "off");
            default -> Optional.empty();
        });
    }

    @Override
    public List<Shown> showAll() {
        return parameters().stream().map(SqlSettings::shown).toList();
    }

    /** The same as a replication command shows them. */
    List<MirroredServer.Parameter> parameters() {
        return start.showAll().stream().map(this::now).toList();
    }

    @Override
    public void set(String name, String value) {
        start.refusal(name).ifPresent(refused -> {
            throw refused;
        });
        try {
            set.put(name.toLowerCase(Locale.ROOT), SettingValue.canonical(server, name, value));
        } catch (PgException bad) {
            // At start-up it would end the session.
            throw PgException.error(bad.sqlState(), bad.message());
        }
    }

    @Override
    public void reset(String name) {
        start.refusal(name).ifPresent(refused -> {
            throw refused;
        });
        set.remove(name.toLowerCase(Locale.ROOT));
    }

    @Override
    public void resetAll() {
        set.clear();
    }

    @Override
    public Map<String, String> save() {
        return Map.copyOf(set);
    }

    @Override
    public void restore(Map<String, String> saved) {
        set.clear();
        set.putAll(saved);
    }

    @Override
    public Map<String, String> reported() {
        Map<String, String> reported = new LinkedHashMap<>();
        start.reported()
                .forEach(parameter ->
                        reported.put(parameter.name(), changed(parameter.name()).orElse(parameter.value())));
        return reported;
    }

    @Override
    public TextStyle style() {
        return TextStyle.of(this::value);
    }

    private String value(String name) {
        try {
            return show(name).value();
        } catch (PgException unknown) {
            return "";
        }
    }

    @Override
    public Duration statementTimeout() {
        Duration configured = start.configured().get(Settings.STATEMENT_TIMEOUT);
        Duration longest = configured.isPositive() ? configured : FOR_EVER;
        Duration wished = time("statement_timeout");
        // Workers are few: a session can only have less.
        return wished.isPositive() && wished.compareTo(longest) < 0 ? wished : longest;
    }

    /** Zero where it is none. */
    private Duration time(String name) {
        try {
            return MILLISECONDS.parse(name, value(name), Path.of(""));
        } catch (InvalidValueException e) {
            return Duration.ZERO;
        }
    }

    /** How long the session may wait for its client outside of a transaction; zero for ever. */
    Duration idleSessionTimeout() {
        return time(Settings.IDLE_SESSION_TIMEOUT.name());
    }

    /** How long in one; zero for ever. */
    Duration idleInTransactionSessionTimeout() {
        return time(Settings.IDLE_IN_TRANSACTION_SESSION_TIMEOUT.name());
    }
}
