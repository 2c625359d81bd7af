package io.walrelay.proxy.session;

import io.walrelay.wire.message.BackendMessage;
import io.walrelay.wire.message.BackendMessage.CommandComplete;
import io.walrelay.wire.message.BackendMessage.RowDescription;
import io.walrelay.wire.message.Column;
import java.util.List;

/**
 * How a server of one major version answers replication commands: result columns and command tags. The client has been
 * told the upstream's version and is to find the server that it expects.
 *
 * @param major 10 to 18
 */
record ServerDialect(int major) {
    RowDescription identifySystem() {
        return RowDescription.of(
                Column.text("systemid"),
                major < 16 ? Column.int4("timeline") : Column.int8("timeline"),
                Column.text("xlogpos"),
                Column.text("dbname"));
    }

    RowDescription timelineHistory() {
        Column content = major < 14 ? Column.bytea("content") : Column.text("content");
        Column filename = Column.text("filename");
        return major < 16
                ? RowDescription.of(filename.withTypeModifier(0), content.withTypeModifier(0))
                : RowDescription.of(filename, content);
    }

    static RowDescription createSlot() {
        return RowDescription.of(
                Column.text("slot_name"),
                Column.text("consistent_point"),
                Column.text("snapshot_name"),
                Column.text("output_plugin"));
    }

    static RowDescription readSlot() {
        return RowDescription.of(Column.text("slot_type"), Column.text("restart_lsn"), Column.int8("restart_tli"));
    }

    static RowDescription nextTimeline() {
        return RowDescription.of(Column.int8("next_tli"), Column.text("next_tli_startpos"));
    }

    /** The tag of a command that returns rows: its name from 13 on. */
    CommandComplete complete(String command) {
        return new CommandComplete(major < 13 ? "SELECT" : command);
    }

    /** The one command that had its own tag before 13, and one more. */
    List<BackendMessage> dropSlotComplete() {
        CommandComplete own = new CommandComplete("DROP_REPLICATION_SLOT");
        return major < 13 ? List.of(own, new CommandComplete("SELECT")) : List.of(own);
    }

    /** Up to 14, a standby does not know its timeline before it has been asked for it. */
    boolean mustIdentifyBeforeStart() {
        return major < 15;
    }

    /** Before 18, an invalidated physical slot can still be used, and comes to life again when its client reports. */
    boolean refusesInvalidatedSlots() {
        return major >= 18;
    }

    /** Names of settings stand in double quotes in messages from 17 on. */
    String settingName(String name) {
        return major < 17 ? name : "\"" + name + "\"";
    }
}
