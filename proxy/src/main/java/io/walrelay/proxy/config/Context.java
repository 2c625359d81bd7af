package io.walrelay.proxy.config;

/** When a setting may change: the {@code context} column of pg_settings. */
public enum Context {
    /** Read at start; a change needs a restart. */
    POSTMASTER,
    /** A change in the file takes effect at the next reload (SIGHUP). */
    SIGHUP,
    /** As {@link #SIGHUP}, and a client may set its own value when it connects ({@code options=-c name=value}). */
    USER
}
