package io.walrelay.proxy.console.state;

/** A user that may log in; {@code admin}: may change things. */
public record RoleState(String name, boolean admin) {}
