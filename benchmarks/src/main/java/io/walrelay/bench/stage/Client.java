package io.walrelay.bench.stage;

/**
 * What can stand behind a primary. Each logs in as a user of its own, so that the primary can be told whom to let in.
 */
public enum Client {
    /** The relay. */
    RELAY("walrelay"),
    /** A PostgreSQL standby. */
    STANDBY("standby"),
    /** pg_receivewal. */
    RECEIVEWAL("receivewal");

    private final String user;

    Client(String user) {
        this.user = user;
    }

    /** The name of its user, and the application_name that it gives. */
    public String user() {
        return user;
    }
}
