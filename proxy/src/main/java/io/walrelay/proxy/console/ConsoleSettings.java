package io.walrelay.proxy.console;

import java.util.List;
import java.util.Map;

/**
 * The settings of one session, as SHOW and SET see them. The session implements it, and sends ParameterStatus for what
 * has changed. Called on the session's console worker, one call at a time.
 */
public interface ConsoleSettings {
    /** A row of SHOW ALL; {@code name} in the server's spelling. */
    record Shown(String name, String value, String description) {}

    /** What {@code SHOW name} shows. @throws io.walrelay.wire.error.PgException 42704 if there is no such setting */
    Shown show(String name);

    /** The rows of SHOW ALL, sorted. */
    List<Shown> showAll();

    /**
     * Sets a setting for the rest of the session.
     *
     * @param value as written, lists joined with {@code ", "}
     * @throws io.walrelay.wire.error.PgException 42704, 55P02 (cannot be changed now), 42501, 22023 (bad value)
     */
    void set(String name, String value);

    /** Back to what it was when the session began. @throws io.walrelay.wire.error.PgException as {@link #set} */
    void reset(String name);

    /** {@code RESET ALL}. */
    void resetAll();

    /** What has been set in this session: lower-case names and values; for {@link #restore}. */
    Map<String, String> save();

    /** Undoes what has been set since {@link #save}: the end of a transaction that did not commit, or of SET LOCAL. */
    void restore(Map<String, String> saved);
}
