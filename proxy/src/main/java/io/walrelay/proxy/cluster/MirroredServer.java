package io.walrelay.proxy.cluster;

import io.walrelay.replication.ServerVersion;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The server that clients see in the relay's place: what the upstream reported at login, and the settings it showed.
 * Kept on disk, so that the relay is that server also while the upstream is away.
 *
 * @param version of the upstream: it decides syntax, result types and error words
 * @param reported the ParameterStatus messages of the upstream's login, in their order
 * @param settings the rows of the upstream's {@code SHOW ALL}, in their order; what only a superuser may see is missing
 *     unless the relay's role may see it
 */
public record MirroredServer(ServerVersion version, List<Reported> reported, List<Parameter> settings) {
    /** Copies the lists. */
    public MirroredServer {
        reported = List.copyOf(reported);
        settings = List.copyOf(settings);
    }

    /** A parameter that the server reports by itself. */
    public record Reported(String name, String value) {}

    /** A row of SHOW ALL. {@code name} is in the server's spelling. */
    public record Parameter(String name, String setting, String description) {}

    /** The major version: 10, 11, ... */
    public int major() {
        return version.major();
    }

    /** The setting of this name, in whatever case. */
    public Optional<Parameter> setting(String name) {
        String wanted = name.toLowerCase(Locale.ROOT);
        return settings.stream()
                .filter(parameter -> parameter.name().toLowerCase(Locale.ROOT).equals(wanted))
                .findFirst();
    }

    /** What the upstream reported under this name. */
    public Optional<String> reported(String name) {
        return reported.stream()
                .filter(parameter -> parameter.name().equals(name))
                .map(Reported::value)
                .findFirst();
    }
}
