package io.walrelay.wire.message;

import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The protocol versions that a server takes, and what it says to the others, as {@code ProcessStartupPacket} in
 * {@code backend_startup.c} (up to 16: {@code postmaster.c}) decides.
 *
 * @param earliest as PostgreSQL prints it: 2.0 up to server version 13, 3.0 later (2.x is not served in either case)
 * @param latest 3.0 up to server version 17, 3.2 from 18 on
 */
public record SupportedProtocols(ProtocolVersion earliest, ProtocolVersion latest) {
    private static final String OPTION_PREFIX = "_pq_.";

    /** What a server of this major version (10, 11, ...) says that it supports. */
    public static SupportedProtocols ofServerMajor(int major) {
        return new SupportedProtocols(
                new ProtocolVersion(major < 14 ? 2 : 3, 0), major < 18 ? ProtocolVersion.V3_0 : ProtocolVersion.V3_2);
    }

    /** FATAL 0A000 for a version (or a request that was not expected) that is not served. */
    public PgException unsupported(ProtocolVersion version) {
        return PgException.fatal(
                SqlState.FEATURE_NOT_SUPPORTED,
                "unsupported frontend protocol " + version + ": server supports " + earliest + " to " + latest);
    }

    /** The version that the session speaks: what the client asked for, at most the latest. */
    public ProtocolVersion used(ProtocolVersion requested) {
        return requested.compareTo(latest) <= 0 ? requested : latest;
    }

    /**
     * What has to be sent before the first authentication request: nothing where the client asks for what is supported,
     * else the version that will be used and the {@code _pq_.} options that are not known.
     *
     * @param known options that the server has and agrees to; PostgreSQL has none
     * @throws PgException FATAL 0A000 for another major version than 3
     */
    public Optional<BackendMessage.NegotiateProtocolVersion> negotiate(
            StartupPacket.StartupMessage startup, Set<String> known) {
        if (startup.major() != 3) {
            throw unsupported(startup.version());
        }
        List<String> unknown = startup.parameters().keySet().stream()
                .filter(name -> name.startsWith(OPTION_PREFIX) && !known.contains(name))
                .toList();
        if (unknown.isEmpty() && startup.version().compareTo(latest) <= 0) {
            return Optional.empty();
        }
        return Optional.of(new BackendMessage.NegotiateProtocolVersion(
                used(startup.version()).code(), unknown));
    }
}
