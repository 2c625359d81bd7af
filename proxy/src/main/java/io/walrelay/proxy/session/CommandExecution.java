package io.walrelay.proxy.session;

import io.walrelay.proxy.backup.BackupPassthrough;
import io.walrelay.proxy.config.Settings;
import io.walrelay.proxy.slot.ReplicationSlot;
import io.walrelay.proxy.syncrep.ReplicationState;
import io.walrelay.proxy.walsender.SendPosition;
import io.walrelay.proxy.walsender.SenderEntry;
import io.walrelay.proxy.walsender.WalSender;
import io.walrelay.replication.command.ParseResult;
import io.walrelay.replication.command.ReplicationCommand;
import io.walrelay.replication.command.ReplicationCommandParser;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.Severity;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.BackendMessage;
import io.walrelay.wire.message.ErrorFields;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out the replication commands of one session, one at a time: answers, begins streams, passes backups through.
 * On the client's event loop. Mirrors {@code exec_replication_command}.
 */
final class CommandExecution {
    private static final Logger log = LoggerFactory.getLogger(CommandExecution.class);

    private final Downstream downstream;
    private final Session session;
    private final Conversation conversation;
    private final ReplicationCommandParser parser;
    private final Commands commands;
    private final SenderEntry entry;
    private final String applicationName;
    private final Optional<SqlCommands> statements;

    private boolean shuttingDown;
    private @Nullable BackupPassthrough backup;

    CommandExecution(
            Downstream downstream,
            Session session,
            Conversation conversation,
            SenderEntry entry,
            String applicationName,
            Optional<SqlBackend> sql,
            Optional<SqlCommands> statements) {
        this.downstream = downstream;
        this.session = session;
        this.conversation = conversation;
        this.entry = entry;
        this.parser = new ReplicationCommandParser(session.cluster().server().version());
        this.commands =
                new Commands(downstream, session, new ServerDialect(session.major()), sql.map(SqlBackend::settings));
        this.applicationName = applicationName;
        this.statements = statements;
    }

    void execute(String query) {
        if (downstream.configuration().get().get(Settings.LOG_REPLICATION_COMMANDS)) {
            log.info("received replication command: {}", query);
        } else {
            log.debug("received replication command: {}", query);
        }
        ParseResult parsed = parser.parse(query);
        for (ParseResult.Notice notice : parsed.notices()) {
            conversation.send(new BackendMessage.NoticeResponse(
                    ErrorFields.of(Severity.NOTICE, SqlState.of(notice.sqlState()), notice.message())));
        }
        try {
            if (shuttingDown) {
                throw PgException.error(
                        SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                        "cannot execute new commands while WAL sender is in stopping mode");
            }
            switch (parsed) {
                case ParseResult.Command command -> execute(command.command(), query);
                case ParseResult.Sql sql ->
                    statements
                            .orElseThrow(() -> PgException.error(
                                    SqlState.FEATURE_NOT_SUPPORTED,
                                    "cannot execute SQL commands in WAL sender for physical replication"))
                            .execute(query);
                case ParseResult.Refused refused ->
                    throw new PgException(
                            Severity.ERROR,
                            SqlState.of(refused.sqlState()),
                            refused.message(),
                            refused.detail().orElse(null),
                            refused.hint().orElse(null),
                            null);
            }
        } catch (PgException error) {
            conversation.fail(error);
        }
    }

    private void execute(ReplicationCommand command, String query) {
        if (conversation.transactionStatus() == 'E') {
            throw PgException.error(
                    SqlState.IN_FAILED_SQL_TRANSACTION,
                    "current transaction is aborted, commands ignored until end of transaction block");
        }
        switch (command) {
            case ReplicationCommand.IdentifySystem identify -> conversation.answer(commands.identifySystem());
            case ReplicationCommand.Show show -> conversation.answer(commands.show(show));
            case ReplicationCommand.TimelineHistory history -> {
                requireNoTransaction("TIMELINE_HISTORY");
                commands.timelineHistory(history, conversation::send, conversation::done);
            }
            case ReplicationCommand.CreatePhysicalSlot create -> conversation.await(commands.createSlot(create));
            case ReplicationCommand.DropSlot drop -> conversation.await(commands.dropSlot(drop));
            case ReplicationCommand.ReadSlot read -> conversation.answer(commands.readSlot(read));
            case ReplicationCommand.AlterSlot alter -> conversation.answer(commands.alterSlot(alter));
            case ReplicationCommand.CreateLogicalSlot logical -> throw commands.logicalDecodingRefused();
            case ReplicationCommand.StartLogical logical -> {
                requireNoTransaction("START_REPLICATION");
                throw commands.logicalDecodingRefused();
            }
            case ReplicationCommand.StartPhysical start -> {
                requireNoTransaction("START_REPLICATION");
                start(start);
            }
            case ReplicationCommand.BaseBackup backupCommand -> {
                requireNoTransaction("BASE_BACKUP");
                passThrough(query, Activity.Backup::new);
            }
            case ReplicationCommand.UploadManifest upload -> {
                requireNoTransaction("UPLOAD_MANIFEST");
                passThrough(query, Activity.Upload::new);
            }
        }
    }

    /** As {@code PreventInTransactionBlock}. */
    private void requireNoTransaction(String command) {
        if (conversation.transactionStatus() == 'T') {
            throw PgException.error(SqlState.of("25001"), command + " cannot run inside a transaction block");
        }
    }

    private void start(ReplicationCommand.StartPhysical start) {
        commands.requireIdentified();
        Optional<ReplicationSlot> slot = start.slot().map(commands::acquire);
        SendPosition position;
        try {
            position = commands.position(start);
        } catch (PgException refused) {
            slot.ifPresent(downstream.slots()::release);
            throw refused;
        }
        Optional<SendPosition.Historic> historic = position.historic();
        if (historic.isPresent() && historic.get().switchPoint().equals(start.start())) {
            slot.ifPresent(downstream.slots()::release);
            conversation.answer(commands.endOfStream(historic));
            return;
        }
        WalSender sender = new WalSender(
                session.channel(),
                session.cluster().wal(),
                downstream.wakeups().apply(session.cluster().wal()),
                position,
                start.start(),
                slot,
                entry,
                session.settings()::walSenderTimeout,
                downstream.clock(),
                new StreamEnd(conversation, commands, () -> slot.ifPresent(downstream.slots()::release)));
        conversation.become(new Activity.Streaming(sender, slot));
        sender.begin();
        session.channel().flush();
    }

    private void passThrough(String query, Function<BackupPassthrough, Activity> activity) {
        BackupPassthrough connection = backup;
        if (connection == null || connection.isClosed()) {
            connection = downstream.backups().create(session.channel(), applicationName);
            backup = connection;
        }
        conversation.become(activity.apply(connection));
        entry.state(ReplicationState.BACKUP);
        connection.run(query, new BackupEnd());
    }

    /** What the end of a passed-through command means for the session. */
    private final class BackupEnd implements BackupPassthrough.End {
        @Override
        public void completed(boolean failed) {
            entry.state(ReplicationState.STARTUP);
            goOn(() -> {
                if (failed) {
                    downstream.slots().dropTemporary(session.pid());
                }
                conversation.done();
            });
        }

        @Override
        public void lost(PgException error) {
            entry.state(ReplicationState.STARTUP);
            backup = null;
            goOn(() -> conversation.fail(error));
        }

        private void goOn(Runnable answer) {
            if (conversation.activity() instanceof Activity.Backup passedThrough) {
                conversation.goOn(passedThrough.meanwhile(), answer);
            } else if (conversation.activity() instanceof Activity.Upload) {
                answer.run();
            }
        }

        @Override
        public void clientBroke(PgException error) {
            conversation.fatal(error);
        }

        @Override
        public void clientLeft() {
            conversation.close();
        }
    }

    /** The relay shuts down: no command is begun any more. */
    void shutDown() {
        shuttingDown = true;
    }

    /** The session is over. */
    void close() {
        BackupPassthrough connection = backup;
        if (connection != null) {
            connection.close();
        }
    }
}
