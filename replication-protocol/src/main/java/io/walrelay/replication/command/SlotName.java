package io.walrelay.replication.command;

import java.util.Optional;

/**
 * PostgreSQL's rule for names of replication slots ({@code ReplicationSlotValidateName}): 1 to 63 of a-z, 0-9 and _. It
 * is checked when a slot is created, not when the command is parsed.
 */
public final class SlotName {
    private SlotName() {}

    /** Why a name is refused, with severity ERROR. */
    public record Invalid(String sqlState, String message, Optional<String> hint) {}

    /** What is wrong with a slot name; empty if nothing is. */
    public static Optional<Invalid> validate(String name) {
        if (name.isEmpty()) {
            return Optional.of(
                    new Invalid("42602", "replication slot name \"" + name + "\" is too short", Optional.empty()));
        }
        if (!Identifiers.truncate(name).equals(name)) {
            return Optional.of(
                    new Invalid("42622", "replication slot name \"" + name + "\" is too long", Optional.empty()));
        }
        if (!name.chars().allMatch(SlotName::isAllowed)) {
            return Optional.of(new Invalid(
                    "42602",
                    "replication slot name \"" + name + "\" contains invalid character",
                    Optional.of("Replication slot names may only contain lower case letters, numbers,"
                            + " and the underscore character.")));
        }
        return Optional.empty();
    }

    private static boolean isAllowed(int c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    }
}
