package io.walrelay.proxy.config;

/** The sections of the sample file and of the settings page, in their order. */
public enum Category {
    FILES("File Locations"),
    CONNECTIONS("Connections"),
    AUTHENTICATION("Authentication"),
    SSL("SSL"),
    UPSTREAM("Upstream: the server that WAL is received from"),
    DOWNSTREAM("Downstream: the servers and tools that WAL is sent to"),
    SYNCHRONOUS("Synchronous replication through the relay"),
    SQL("SQL on the relay"),
    LOGGING("Logging"),
    MONITORING("Monitoring");

    private final String title;

    Category(String title) {
        this.title = title;
    }

    /** The heading of the section. */
    public String title() {
        return title;
    }
}
