package io.walrelay.proxy.session;

import io.walrelay.proxy.cluster.MirroredServer.Parameter;
import io.walrelay.proxy.config.Settings;
import io.walrelay.proxy.config.WalSendAfter;
import io.walrelay.proxy.slot.ReplicationSlot;
import io.walrelay.proxy.slot.SlotInvalidation;
import io.walrelay.proxy.wal.WalEnd;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.proxy.walsender.SendPosition;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.command.ReplicationCommand;
import io.walrelay.replication.command.SlotName;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.BackendMessage;
import io.walrelay.wire.message.BackendMessage.CommandComplete;
import io.walrelay.wire.message.BackendMessage.DataRow;
import io.walrelay.wire.message.BackendMessage.RowDescription;
import io.walrelay.wire.message.Column;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** What the replication commands of one session answer; all but the streams. On the client's event loop. */
final class Commands {
    private final Downstream downstream;
    private final Session session;
    private final ServerDialect dialect;
    private final WalStore wal;
    private final Optional<SqlSettings> sql;
    private boolean identified;

    /** @param sql the settings of a session with a database, which SET changes */
    Commands(Downstream downstream, Session session, ServerDialect dialect, Optional<SqlSettings> sql) {
        this.downstream = downstream;
        this.session = session;
        this.dialect = dialect;
        this.sql = sql;
        this.wal = session.cluster().wal();
    }

    private WalSendAfter sendAfter() {
        return downstream.configuration().get().get(Settings.WAL_SEND_AFTER);
    }

    List<BackendMessage> identifySystem() {
        identified = true;
        WalEnd end = wal.end();
        return List.of(
                dialect.identifySystem(),
                DataRow.of(
                        wal.control().systemIdentifier().toString(),
                        end.history().timeline().toString(),
                        SendPosition.end(end, sendAfter()).toString(),
                        sql.map(settings -> ConsoleAccess.DATABASE).orElse(null)),
                dialect.complete("IDENTIFY_SYSTEM"));
    }

    List<BackendMessage> show(ReplicationCommand.Show show) {
        List<BackendMessage> answer = new ArrayList<>();
        if (show.all()) {
            answer.add(RowDescription.of(Column.text("name"), Column.text("setting"), Column.text("description")));
            for (Parameter row : sql.map(SqlSettings::parameters).orElseGet(session.settings()::showAll)) {
                answer.add(DataRow.of(row.name(), row.setting(), row.description()));
            }
        } else {
            Parameter shown = sql.map(settings -> settings.parameter(show.name()))
                    .orElseGet(() -> session.settings().show(show.name()));
            answer.add(RowDescription.of(Column.text(shown.name())));
            answer.add(DataRow.of(shown.setting()));
        }
        answer.add(dialect.complete("SHOW"));
        return answer;
    }

    /** The row description goes out before the file is looked for, as a server does it. */
    void timelineHistory(ReplicationCommand.TimelineHistory command, Consumer<BackendMessage> send, Runnable done) {
        String name = WalFileName.history(command.timeline());
        send.accept(dialect.timelineHistory());
        byte[] content = historyFile(command, name);
        send.accept(new DataRow(Arrays.asList(name.getBytes(StandardCharsets.US_ASCII), content)));
        send.accept(dialect.complete("TIMELINE_HISTORY"));
        done.run();
    }

    private byte[] historyFile(ReplicationCommand.TimelineHistory command, String name) {
        try {
            return wal.directory()
                    .histories()
                    .bytes(command.timeline())
                    .orElseThrow(() -> PgException.error(
                            SqlState.UNDEFINED_FILE,
                            "could not open file \"pg_wal/" + name + "\": No such file or directory"));
        } catch (IOException e) {
            throw PgException.error(SqlState.IO_ERROR, "could not read file \"pg_wal/" + name + "\": " + e.getMessage())
                    .withCause(e);
        }
    }

    CompletableFuture<List<BackendMessage>> createSlot(ReplicationCommand.CreatePhysicalSlot command) {
        SlotName.validate(command.slot()).ifPresent(problem -> {
            PgException refused = PgException.error(SqlState.of(problem.sqlState()), problem.message());
            throw problem.hint().map(refused::withHint).orElse(refused);
        });
        Supplier<Lsn> restartLsn = command.reserveWal() ? wal::reservable : () -> Lsn.INVALID;
        return downstream
                .slots()
                .create(command.slot(), command.temporary(), restartLsn, session.pid())
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(hintAtLimit(failure)))
                .thenApply(slot -> List.of(
                        ServerDialect.createSlot(),
                        DataRow.of(slot.name(), "0/0", null, null),
                        dialect.complete("CREATE_REPLICATION_SLOT")));
    }

    private Throwable hintAtLimit(Throwable failure) {
        return failure instanceof PgException full && full.sqlState().equals(SqlState.CONFIGURATION_LIMIT_EXCEEDED)
                ? full.withHint("Free one or increase " + dialect.settingName("max_replication_slots") + ".")
                : failure;
    }

    CompletableFuture<List<BackendMessage>> dropSlot(ReplicationCommand.DropSlot command) {
        return downstream
                .slots()
                .drop(command.slot(), command.waits(), session.pid())
                .thenApply(dropped -> dialect.dropSlotComplete());
    }

    List<BackendMessage> readSlot(ReplicationCommand.ReadSlot command) {
        Optional<ReplicationSlot> slot = downstream.slots().find(command.slot());
        Optional<Lsn> restartLsn = slot.map(ReplicationSlot::restartLsn).filter(Lsn::isValid);
        return List.of(
                ServerDialect.readSlot(),
                DataRow.of(
                        slot.isPresent() ? "physical" : null,
                        restartLsn.map(Lsn::toString).orElse(null),
                        restartLsn
                                .map(lsn -> wal.end().history().timelineAt(lsn).toString())
                                .orElse(null)),
                dialect.complete("READ_REPLICATION_SLOT"));
    }

    /** There are none but physical slots here, and nothing of those can be altered. */
    List<BackendMessage> alterSlot(ReplicationCommand.AlterSlot command) {
        ReplicationSlot slot = downstream.slots().acquire(command.slot(), session.pid());
        downstream.slots().release(slot);
        throw PgException.error(
                SqlState.FEATURE_NOT_SUPPORTED, "cannot use ALTER_REPLICATION_SLOT with a physical replication slot");
    }

    /** Why a node without data decodes nothing: the first reason PostgreSQL finds, up to 15. */
    PgException logicalDecodingRefused() {
        boolean logical = session.cluster()
                .server()
                .setting("wal_level")
                .filter(level -> level.setting().equals("logical"))
                .isPresent();
        if (logical && sql.isPresent()) {
            return PgException.error(
                    SqlState.FEATURE_NOT_SUPPORTED, "logical decoding cannot be used while in recovery");
        }
        String reason = logical
                ? "logical decoding requires a database connection"
                : "logical decoding requires " + dialect.settingName("wal_level") + " >= "
                        + dialect.settingName("logical");
        return PgException.error(SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE, reason);
    }

    /** @throws PgException 55000 where the mirrored server is one that must have been asked for its timeline first */
    void requireIdentified() {
        if (dialect.mustIdentifyBeforeStart() && !identified) {
            throw PgException.error(
                    SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                    "IDENTIFY_SYSTEM has not been run before START_REPLICATION");
        }
    }

    /** Takes the slot that a stream is to use. */
    ReplicationSlot acquire(String name) {
        ReplicationSlot slot = downstream.slots().acquire(name, session.pid());
        Optional<SlotInvalidation> cause = slot.invalidation();
        if (cause.isPresent() && dialect.refusesInvalidatedSlots()) {
            downstream.slots().release(slot);
            throw PgException.error(
                            SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                            "can no longer access replication slot \"" + name + "\"")
                    .withDetail("This replication slot has been invalidated due to \""
                            + cause.get().reason() + "\".");
        }
        return slot;
    }

    SendPosition position(ReplicationCommand.StartPhysical command) {
        return SendPosition.of(wal, this::sendAfter, command.timeline(), command.start());
    }

    /** What follows a COPY of START_REPLICATION: two tags, and before them the next timeline if there is one. */
    List<BackendMessage> endOfStream(Optional<SendPosition.Historic> next) {
        List<BackendMessage> answer = new ArrayList<>();
        next.ifPresent(historic -> {
            answer.add(ServerDialect.nextTimeline());
            answer.add(DataRow.of(
                    historic.next().toString(), historic.switchPoint().toString()));
        });
        answer.add(new CommandComplete("START_STREAMING"));
        answer.add(dialect.complete("START_REPLICATION"));
        return answer;
    }
}
