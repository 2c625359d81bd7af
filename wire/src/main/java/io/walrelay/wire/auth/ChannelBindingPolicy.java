package io.walrelay.wire.auth;

/** libpq's {@code channel_binding}. */
public enum ChannelBindingPolicy {
    /** Never bind. */
    DISABLE,
    /** Bind where both sides can. */
    PREFER,
    /** Log in only by what is bound to the connection: to a server that has proved to know the password. */
    REQUIRE
}
