package io.walrelay.replication.command;

import io.walrelay.replication.command.ReplicationCommand.Option;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The checks of the options of CREATE_ and ALTER_REPLICATION_SLOT that need nothing but the command's text and come
 * first when PostgreSQL executes it ({@code parseCreateReplSlotOptions}, {@code ParseAlterReplSlotOptions}).
 */
final class SlotOptions {
    private final int serverMajor;
    private final Set<String> given = new HashSet<>();

    SlotOptions(int serverMajor) {
        this.serverMajor = serverMajor;
    }

    /** Checks the options of a physical slot; tells whether WAL is to be reserved. */
    boolean physical(List<ParsedOption> options) {
        boolean reserveWal = false;
        for (ParsedOption option : options) {
            switch (option.name()) {
                case "reserve_wal" -> {
                    first(option);
                    reserveWal = option.booleanValue();
                }
                case "snapshot", "two_phase", "failover" -> {
                    recognized(option);
                    throw conflicting();
                }
                default -> throw unrecognized(option);
            }
        }
        return reserveWal;
    }

    /** Checks the options of a logical slot. */
    List<Option> logical(List<ParsedOption> options) {
        for (ParsedOption option : options) {
            switch (option.name()) {
                case "snapshot" -> {
                    first(option);
                    snapshotAction(option);
                }
                case "two_phase", "failover" -> {
                    recognized(option);
                    first(option);
                    option.booleanValue();
                }
                case "reserve_wal" -> throw conflicting();
                default -> throw unrecognized(option);
            }
        }
        return ParsedOption.options(options);
    }

    /** Checks the options of ALTER_REPLICATION_SLOT. */
    List<Option> alter(List<ParsedOption> options) {
        for (ParsedOption option : options) {
            boolean known =
                    option.name().equals("failover") || (option.name().equals("two_phase") && serverMajor >= 18);
            if (!known) {
                throw unrecognized(option);
            }
            first(option);
            option.booleanValue();
        }
        return ParsedOption.options(options);
    }

    private void recognized(ParsedOption option) {
        if (option.name().equals("failover") && serverMajor < 17) {
            throw unrecognized(option);
        }
    }

    private void first(ParsedOption option) {
        if (!given.add(option.name())) {
            throw conflicting();
        }
    }

    private static void snapshotAction(ParsedOption option) {
        String action = option.stringValue();
        switch (action) {
            case "export", "nothing", "use" -> {}
            default ->
                throw RefusedException.invalidParameterValue(
                        "unrecognized value for CREATE_REPLICATION_SLOT option \"snapshot\": \"" + action + "\"");
        }
    }

    private static RefusedException conflicting() {
        return RefusedException.syntaxError("conflicting or redundant options");
    }

    private static RefusedException unrecognized(ParsedOption option) {
        return RefusedException.internalError("unrecognized option: " + option.name());
    }
}
