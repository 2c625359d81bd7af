package io.walrelay.proxy.session;

import io.walrelay.wire.compression.CompressionOption;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.ProtocolVersion;
import io.walrelay.wire.message.StartupPacket;
import io.walrelay.wire.message.WireText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a start-up message asks for, read as {@code ProcessStartupPacket} reads it.
 *
 * @param version of the protocol
 * @param replication which kind of session
 * @param user cut to 63 bytes as any name
 * @param database the user's name where none was given
 * @param options a command line with settings, not looked at yet: nobody but an authenticated client is told what is
 *     wrong
 * @param parameters settings for the session, which win over those in {@code options}
 * @param compression of WAL, as it is agreed
 */
record StartupRequest(
        ProtocolVersion version,
        Replication replication,
        String user,
        String database,
        Optional<String> options,
        Map<String, String> parameters,
        Optional<CompressionOption> compression) {
    private static final int SHORT_KEY = 4;
    private static final int LONG_KEY = 32;

    /** The value of the parameter {@code replication}. */
    enum Replication {
        NONE,
        PHYSICAL,
        DATABASE
    }

    /**
     * Reads a start-up message.
     *
     * @param compression as it is agreed
     * @throws PgException FATAL 22023 for a bad {@code replication}, 28000 without a user
     */
    static StartupRequest of(StartupPacket.StartupMessage message, Optional<CompressionOption> compression) {
        Replication replication = replication(message);
        Map<String, String> given = new LinkedHashMap<>(message.parameters());
        given.remove("replication");
        given.keySet().removeIf(name -> name.startsWith("_pq_."));
        String user = Optional.ofNullable(given.remove("user")).orElse("");
        if (user.isEmpty()) {
            throw PgException.fatal(
                    SqlState.INVALID_AUTHORIZATION_SPECIFICATION,
                    "no PostgreSQL user name specified in startup packet");
        }
        String database = Optional.ofNullable(given.remove("database"))
                .filter(name -> !name.isEmpty())
                .orElse(user);
        Optional<String> options = Optional.ofNullable(given.remove("options"));
        return new StartupRequest(
                message.version(), replication, cut(user), cut(database), options, given, compression);
    }

    /**
     * Which kind of session it asks for.
     *
     * @throws PgException FATAL 22023 for a value that means nothing
     */
    static Replication replication(StartupPacket.StartupMessage message) {
        return Optional.ofNullable(message.parameters().get("replication"))
                .map(StartupRequest::replication)
                .orElse(Replication.NONE);
    }

    private static Replication replication(String value) {
        if (value.equals("database")) {
            return Replication.DATABASE;
        }
        return parseBool(value)
                .map(physical -> physical ? Replication.PHYSICAL : Replication.NONE)
                .orElseThrow(() -> PgException.fatal(
                                SqlState.INVALID_PARAMETER_VALUE,
                                "invalid value for parameter \"replication\": \"" + value + "\"")
                        .withHint("Valid values are: \"false\", 0, \"true\", 1, \"database\"."));
    }

    /** PostgreSQL's {@code parse_bool}: any unambiguous prefix of a word for yes or no. */
    private static Optional<Boolean> parseBool(String value) {
        String word = value.toLowerCase(Locale.ROOT);
        if (word.isEmpty() || word.equals("o")) {
            return Optional.empty();
        }
        if (List.of("true", "yes", "on").stream().anyMatch(yes -> yes.startsWith(word)) || word.equals("1")) {
            return Optional.of(true);
        }
        if (List.of("false", "no", "off").stream().anyMatch(no -> no.startsWith(word)) || word.equals("0")) {
            return Optional.of(false);
        }
        return Optional.empty();
    }

    String applicationName() {
        return parameters.getOrDefault("application_name", "");
    }

    /**
     * All settings that the client asks for, in the order in which they count.
     *
     * @throws PgException FATAL 42601 if the options are no settings
     */
    Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        options.ifPresent(line -> settings.putAll(StartupOptions.parse(line)));
        settings.putAll(parameters);
        return settings;
    }

    /** To the length of a name, silently. */
    private static String cut(String name) {
        byte[] bytes = WireText.encode(name);
        return bytes.length > SettingValue.NAME_BYTES ? WireText.decode(bytes, 0, SettingValue.NAME_BYTES) : name;
    }

    /** Bytes of a cancel key: longer from protocol 3.2 on, which servers speak from 18 on. */
    int keyLength(int major) {
        return major >= 18 && version.compareTo(ProtocolVersion.V3_2) >= 0 ? LONG_KEY : SHORT_KEY;
    }
}
