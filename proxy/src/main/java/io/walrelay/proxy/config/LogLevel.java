package io.walrelay.proxy.config;

/**
 * The values of {@code log_min_messages}, in PostgreSQL's order for the server log: LOG ranks between ERROR and FATAL.
 */
public enum LogLevel {
    DEBUG5,
    DEBUG4,
    DEBUG3,
    DEBUG2,
    DEBUG1,
    INFO,
    NOTICE,
    WARNING,
    ERROR,
    LOG,
    FATAL,
    PANIC
}
