package io.walrelay.proxy.console.state;

import java.time.Instant;
import java.util.Optional;

/**
 * Something that happened.
 *
 * @param kind the part of the relay that it is about
 * @param severity PostgreSQL's, from LOG on
 */
public record RelayEvent(Instant time, String kind, String severity, String message, Optional<String> detail) {}
