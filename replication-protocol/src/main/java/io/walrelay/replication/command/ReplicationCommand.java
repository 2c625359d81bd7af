package io.walrelay.replication.command;

import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import java.util.List;
import java.util.Optional;

/**
 * A command of PostgreSQL's replication protocol, as a walsender understands it. Slot names are as lexed (folded unless
 * quoted, cut to 63 bytes) and not yet checked: see {@link SlotName}.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-replication.html">Streaming Replication Protocol</a>
 */
public sealed interface ReplicationCommand {
    /** {@code IDENTIFY_SYSTEM}. */
    record IdentifySystem() implements ReplicationCommand {}

    /**
     * {@code SHOW name[.name...]}.
     *
     * @param name the parameter as lexed; {@code all}, in whatever case, asks for every parameter
     */
    record Show(String name) implements ReplicationCommand {
        /** Whether this is {@code SHOW ALL}. */
        public boolean all() {
            return name.equalsIgnoreCase("all");
        }
    }

    /** {@code TIMELINE_HISTORY n}. */
    record TimelineHistory(TimelineId timeline) implements ReplicationCommand {}

    /**
     * {@code CREATE_REPLICATION_SLOT slot [TEMPORARY] PHYSICAL ...}; its options have been checked.
     *
     * @param reserveWal whether WAL is kept from now on, not only from the first status update on
     */
    record CreatePhysicalSlot(String slot, boolean temporary, boolean reserveWal) implements ReplicationCommand {}

    /** {@code CREATE_REPLICATION_SLOT slot [TEMPORARY] LOGICAL plugin ...}; its options have been checked. */
    record CreateLogicalSlot(String slot, boolean temporary, String plugin, List<Option> options)
            implements ReplicationCommand {
        /** Copies the options. */
        public CreateLogicalSlot {
            options = List.copyOf(options);
        }
    }

    /** {@code ALTER_REPLICATION_SLOT slot (...)}, 17 and newer; its options have been checked. */
    record AlterSlot(String slot, List<Option> options) implements ReplicationCommand {
        /** Copies the options. */
        public AlterSlot {
            options = List.copyOf(options);
        }
    }

    /**
     * {@code DROP_REPLICATION_SLOT slot [WAIT]}.
     *
     * @param waits whether to wait until the slot is no longer active, rather than fail
     */
    record DropSlot(String slot, boolean waits) implements ReplicationCommand {}

    /** {@code READ_REPLICATION_SLOT slot}, 15 and newer; the grammar allows a dotted name here. */
    record ReadSlot(String slot) implements ReplicationCommand {}

    /**
     * {@code START_REPLICATION [SLOT slot] [PHYSICAL] X/X [TIMELINE n]}.
     *
     * @param timeline empty for the server's current timeline
     */
    record StartPhysical(Optional<String> slot, Lsn start, Optional<TimelineId> timeline)
            implements ReplicationCommand {}

    /** {@code START_REPLICATION SLOT slot LOGICAL X/X [(...)]}. */
    record StartLogical(String slot, Lsn start, List<Option> options) implements ReplicationCommand {
        /** Copies the options. */
        public StartLogical {
            options = List.copyOf(options);
        }
    }

    /**
     * {@code BASE_BACKUP ...}, in the syntax of the server's major version. Names and values of options have not been
     * checked: the server that makes the backup does that.
     */
    record BaseBackup(List<Option> options) implements ReplicationCommand {
        /** Copies the options. */
        public BaseBackup {
            options = List.copyOf(options);
        }
    }

    /** {@code UPLOAD_MANIFEST}, 17 and newer. */
    record UploadManifest() implements ReplicationCommand {}

    /**
     * An option of a command.
     *
     * @param name lower case, unless it was quoted
     * @param value empty where none was given; a number stands in decimal
     */
    record Option(String name, Optional<String> value) {}
}
