package io.walrelay.proxy.session;

import io.walrelay.proxy.cluster.MirroredServer;
import io.walrelay.proxy.cluster.MirroredServer.Parameter;
import io.walrelay.proxy.cluster.MirroredServer.Reported;
import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.InvalidValueException;
import io.walrelay.proxy.config.Setting;
import io.walrelay.proxy.config.Settings;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The settings that one session sees: what its client asked for at start-up, then the relay's own, then the mirrored
 * server's. They do not change after start-up: a physical walsender has no SET.
 */
final class SessionSettings {
    private final Supplier<Configuration> configuration;
    private final MirroredServer server;
    private final String user;
    private final Map<String, String> requested;
    private final Optional<Duration> walSenderTimeout;

    /**
     * Settings of a session.
     *
     * @param user whose session it is
     * @param requested by the client, in its order and spelling
     * @throws PgException FATAL 42704 for a name that the mirrored server does not know, 55P02 for one that only a
     *     restart changes, 22023 for a bad value
     */
    SessionSettings(
            Supplier<Configuration> configuration, MirroredServer server, String user, Map<String, String> requested) {
        this.user = user;
        this.configuration = configuration;
        this.server = server;
        this.requested = new LinkedHashMap<>();
        requested.forEach((name, value) -> {
            refusal(name).ifPresent(refused -> {
                throw refused.asFatal();
            });
            this.requested.put(name.toLowerCase(Locale.ROOT), SettingValue.canonical(server, name, value));
        });
        this.walSenderTimeout = Optional.ofNullable(this.requested.get(Settings.WAL_SENDER_TIMEOUT.name()))
                .map(SessionSettings::timeout);
    }

    /** Why a client may not set this; empty if it may. */
    Optional<PgException> refusal(String name) {
        boolean custom = name.contains(".");
        if (!custom && server.setting(name).isEmpty() && !ServerParameters.isSettable(name)) {
            return Optional.of(unrecognized(name));
        }
        if (ServerParameters.needsRestart(name)) {
            return Optional.of(cannotBeChanged(name, " without restarting the server"));
        }
        if (ServerParameters.isFixed(name)) {
            return Optional.of(cannotBeChanged(name, ""));
        }
        if (ServerParameters.needsReload(name, server.major())) {
            return Optional.of(cannotBeChanged(name, " now"));
        }
        return Optional.empty();
    }

    private PgException cannotBeChanged(String name, String how) {
        return PgException.error(
                SqlState.CANT_CHANGE_RUNTIME_PARAM,
                "parameter \"" + ServerParameters.spelling(server, name) + "\" cannot be changed" + how);
    }

    private static Duration timeout(String text) {
        try {
            return Settings.WAL_SENDER_TIMEOUT.parse(text);
        } catch (InvalidValueException e) {
            throw PgException.fatal(SqlState.INVALID_PARAMETER_VALUE, String.valueOf(e.getMessage()));
        }
    }

    private static PgException unrecognized(String name) {
        return PgException.error(SqlState.UNDEFINED_OBJECT, "unrecognized configuration parameter \"" + name + "\"");
    }

    /** What the client asked for at start-up, by lower-case name. */
    Optional<String> requested(String name) {
        return Optional.ofNullable(requested.get(name));
    }

    /** The relay's settings as they are now. */
    Configuration configured() {
        return configuration.get();
    }

    /** {@code wal_sender_timeout}: the client's wish, or what is configured now. */
    Duration walSenderTimeout() {
        return walSenderTimeout.orElseGet(() -> configuration.get().get(Settings.WAL_SENDER_TIMEOUT));
    }

    /** {@code idle_session_timeout}: the client's wish, or what is configured now; zero is for ever. */
    Duration idleSessionTimeout() {
        Optional<String> wished = requested(Settings.IDLE_SESSION_TIMEOUT.name());
        return wished.map(SessionSettings::milliseconds)
                .orElseGet(() -> configuration.get().get(Settings.IDLE_SESSION_TIMEOUT));
    }

    private static Duration milliseconds(String text) {
        try {
            return Settings.IDLE_SESSION_TIMEOUT.parse(text);
        } catch (InvalidValueException e) {
            // What is no value was refused when the session began.
            throw new IllegalStateException(e);
        }
    }

    /** The ParameterStatus messages at the start of the session, in the mirrored server's order. */
    List<Reported> reported() {
        List<Reported> statuses = new ArrayList<>();
        for (Reported mirrored : server.reported()) {
            statuses.add(new Reported(mirrored.name(), report(mirrored)));
        }
        return statuses;
    }

    private String report(Reported mirrored) {
        return switch (mirrored.name()) {
            case "application_name" -> requested.getOrDefault("application_name", "");
            case "client_encoding" -> requested.getOrDefault("client_encoding", "SQL_ASCII");
            case "session_authorization" -> user;
            case "in_hot_standby" -> "on";
            // What the upstream said of the relay's own role holds for that role alone.
            case "is_superuser" ->
                user.equals(server.reported("session_authorization").orElse("")) ? mirrored.value() : "off";
            default -> requested.getOrDefault(mirrored.name().toLowerCase(Locale.ROOT), mirrored.value());
        };
    }

    /**
     * What {@code SHOW name} shows, under the name as the server spells it.
     *
     * @throws PgException 42704 if there is no such setting
     */
    Parameter show(String name) {
        String spelling = ServerParameters.spelling(server, name);
        return value(name).map(value -> new Parameter(spelling, value, "")).orElseThrow(() -> unrecognized(name));
    }

    private Optional<String> value(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        Optional<String> wished = Optional.ofNullable(requested.get(lower));
        return wished.or(() -> standby(lower)).or(() -> own(lower)).or(() -> mirrored(lower));
    }

    /** What is so because this node is a standby, whatever the mirrored server is. */
    private Optional<String> standby(String name) {
        return switch (name) {
            case "transaction_read_only" -> Optional.of("on");
            case "in_hot_standby" -> server.major() < 14 ? Optional.empty() : Optional.of("on");
            case "application_name" -> Optional.of("");
            case "client_encoding" -> Optional.of("SQL_ASCII");
            default -> Optional.empty();
        };
    }

    /** The limit of SQL statements is none of a walsender's. */
    private Optional<String> own(String name) {
        return Settings.find(name)
                .filter(setting -> !setting.equals(Settings.STATEMENT_TIMEOUT))
                .map(setting -> configuration.get().show(setting));
    }

    private Optional<String> mirrored(String name) {
        return server.setting(name).map(Parameter::setting).or(() -> reportedOnly(name));
    }

    /** What a server reports, and shows, but does not list in SHOW ALL. */
    private Optional<String> reportedOnly(String name) {
        return server.reported().stream()
                .filter(parameter -> parameter.name().equalsIgnoreCase(name))
                .map(parameter -> report(parameter))
                .findFirst();
    }

    /** The rows of {@code SHOW ALL}, sorted as the server sorts them. */
    List<Parameter> showAll() {
        List<Parameter> rows = new ArrayList<>();
        for (Parameter mirrored : server.settings()) {
            rows.add(new Parameter(
                    mirrored.name(), value(mirrored.name()).orElse(mirrored.setting()), mirrored.description()));
        }
        for (Setting<?> setting : Settings.all()) {
            if (server.setting(setting.name()).isEmpty()) {
                rows.add(new Parameter(setting.name(), configuration.get().show(setting), setting.doc()));
            }
        }
        rows.sort(Comparator.comparing(row -> row.name().toLowerCase(Locale.ROOT)));
        return rows;
    }
}
