package io.walrelay.proxy.session;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.util.concurrent.ScheduledFuture;
import io.walrelay.proxy.backup.BackupPassthrough;
import io.walrelay.proxy.config.Settings;
import io.walrelay.proxy.slot.ReplicationSlot;
import io.walrelay.proxy.walsender.SendPosition;
import io.walrelay.proxy.walsender.WalSender;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.command.ParseResult;
import io.walrelay.replication.command.ReplicationCommand;
import io.walrelay.replication.command.ReplicationCommandParser;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.Severity;
import io.walrelay.wire.error.SilentCloseException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.BackendMessage;
import io.walrelay.wire.message.ErrorFields;
import io.walrelay.wire.message.FrontendMessage;
import java.io.IOException;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.MarkerFactory;

/**
 * An authenticated session: reads commands, has them carried out one at a time, and goes back to waiting. On the
 * client's event loop. Mirrors {@code PostgresMain} and {@code exec_replication_command}.
 */
final class CommandHandler extends SimpleChannelInboundHandler<FrontendMessage> {
    private static final Logger log = LoggerFactory.getLogger(CommandHandler.class);

    private static final Marker FATAL = MarkerFactory.getMarker("FATAL");

    /** How long a client may take to take what it is told last, in seconds. */
    private static final long LAST_WORDS = 10;

    private final Downstream downstream;
    private final Session session;
    private final Channel channel;
    private final ServerDialect dialect;
    private final ReplicationCommandParser parser;
    private final Commands commands;
    private final String applicationName;

    private Activity activity = new Activity.Idle();
    private volatile @Nullable WalSender sending;
    private boolean shuttingDown;
    private @Nullable BackupPassthrough backup;

    CommandHandler(Downstream downstream, Session session, String applicationName) {
        super(false);
        this.downstream = downstream;
        this.session = session;
        this.channel = session.channel();
        this.dialect = new ServerDialect(session.major());
        this.parser = new ReplicationCommandParser(session.cluster().server().version());
        this.commands = new Commands(downstream, session, dialect);
        this.applicationName = applicationName;
    }

    Session session() {
        return session;
    }

    /** Tells the client what it has to know, and waits for its first command. */
    void begin() {
        session.settings()
                .reported()
                .forEach(parameter -> send(new BackendMessage.ParameterStatus(parameter.name(), parameter.value())));
        send(new BackendMessage.BackendKeyData(session.pid(), session.key()));
        readyForQuery();
        log.debug("replication connection authorized: user={} application_name={}", session.user(), applicationName);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FrontendMessage message) {
        receive(message);
    }

    private void receive(FrontendMessage message) {
        switch (activity) {
            case Activity.Idle idle -> {
                if (channel.isWritable()) {
                    whileIdle(message);
                } else {
                    block(message);
                }
            }
            case Activity.Blocked blocked -> blocked.meanwhile().add(message);
            case Activity.SkippingToSync skippingToSync -> whileSkipping(message);
            case Activity.Waiting waiting -> waiting.meanwhile().add(message);
            case Activity.Streaming streaming -> streaming.sender().onMessage(message);
            case Activity.Backup backup -> backup.passthrough().onMessage(message);
            case Activity.Closed closed -> release(message);
        }
    }

    /** Answers no more until the client has taken what it was answered. */
    private void block(FrontendMessage message) {
        Activity.Blocked blocked = new Activity.Blocked();
        blocked.meanwhile().add(message);
        activity = blocked;
        channel.config().setAutoRead(false);
    }

    private void whileIdle(FrontendMessage message) {
        switch (message) {
            case FrontendMessage.Query queryMessage -> execute(queryMessage.query());
            case FrontendMessage.Terminate terminate -> close();
            // What a client still sends after a COPY has ended is passed over.
            case FrontendMessage.CopyData copyData -> release(copyData);
            case FrontendMessage.CopyDone copyDone -> {}
            case FrontendMessage.CopyFail copyFail -> {}
            case FrontendMessage.Sync sync -> readyForQuery();
            case FrontendMessage.Flush flush -> {
                if (flush.excess() > 0) {
                    skipBatch(PgException.error(SqlState.PROTOCOL_VIOLATION, "invalid message format"));
                }
            }
            case FrontendMessage.Extended extended ->
                skipBatch(PgException.error(
                        SqlState.PROTOCOL_VIOLATION,
                        "extended query protocol not supported in a replication connection"));
            case FrontendMessage.FunctionCall call ->
                fail(PgException.error(
                        SqlState.PROTOCOL_VIOLATION,
                        "fastpath function calls not supported in a replication connection"));
            case FrontendMessage.Unknown unknown -> fatal(invalidType(unknown.type()));
            case FrontendMessage.Password password -> fatal(invalidType((byte) 'p'));
        }
    }

    /** An error in a batch of extended messages: the rest of it is passed over. */
    private void skipBatch(PgException error) {
        error(error);
        channel.flush();
        activity = new Activity.SkippingToSync();
    }

    private static PgException invalidType(byte type) {
        return PgException.protocolViolation("invalid frontend message type " + (type & 0xFF));
    }

    private void whileSkipping(FrontendMessage message) {
        switch (message) {
            case FrontendMessage.Sync sync -> {
                activity = new Activity.Idle();
                readyForQuery();
            }
            case FrontendMessage.Terminate terminate -> close();
            case FrontendMessage.Unknown unknown -> fatal(invalidType(unknown.type()));
            default -> release(message);
        }
    }

    private static void release(FrontendMessage message) {
        if (message instanceof FrontendMessage.CopyData copyData) {
            copyData.data().release();
        }
    }

    private void execute(String query) {
        if (downstream.configuration().get().get(Settings.LOG_REPLICATION_COMMANDS)) {
            log.info("received replication command: {}", query);
        } else {
            log.debug("received replication command: {}", query);
        }
        ParseResult parsed = parser.parse(query);
        for (ParseResult.Notice notice : parsed.notices()) {
            send(new BackendMessage.NoticeResponse(
                    ErrorFields.of(Severity.NOTICE, SqlState.of(notice.sqlState()), notice.message())));
        }
        try {
            if (shuttingDown) {
                throw PgException.error(
                        SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                        "cannot execute new commands while WAL sender is in stopping mode");
            }
            switch (parsed) {
                case ParseResult.Command commandState -> execute(commandState.command(), query);
                case ParseResult.Sql sql ->
                    throw PgException.error(
                            SqlState.FEATURE_NOT_SUPPORTED,
                            "cannot execute SQL commands in WAL sender for physical replication");
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
            fail(error);
        }
    }

    private void execute(ReplicationCommand command, String query) {
        switch (command) {
            case ReplicationCommand.IdentifySystem identify -> answer(commands.identifySystem());
            case ReplicationCommand.Show show -> answer(commands.show(show));
            case ReplicationCommand.TimelineHistory history ->
                commands.timelineHistory(history, this::send, this::done);
            case ReplicationCommand.CreatePhysicalSlot create -> await(commands.createSlot(create));
            case ReplicationCommand.DropSlot drop -> await(commands.dropSlot(drop));
            case ReplicationCommand.ReadSlot read -> answer(commands.readSlot(read));
            case ReplicationCommand.AlterSlot alter -> answer(commands.alterSlot(alter));
            case ReplicationCommand.CreateLogicalSlot logical -> throw commands.logicalDecodingRefused();
            case ReplicationCommand.StartLogical logical -> throw commands.logicalDecodingRefused();
            case ReplicationCommand.StartPhysical start -> start(start);
            case ReplicationCommand.BaseBackup backupCommand -> passThrough(query);
            case ReplicationCommand.UploadManifest upload -> passThrough(query);
        }
    }

    private void answer(List<BackendMessage> messages) {
        messages.forEach(this::send);
        done();
    }

    private void done() {
        activity = new Activity.Idle();
        readyForQuery();
    }

    /** Waits for work off the event loop; the client's next commands wait with it. */
    private void await(CompletableFuture<List<BackendMessage>> work) {
        Activity.Waiting waiting = new Activity.Waiting();
        activity = waiting;
        channel.config().setAutoRead(false);
        work.whenCompleteAsync(
                (messages, failure) -> {
                    if (!activity.equals(waiting)) {
                        return;
                    }
                    goOn(waiting.meanwhile(), () -> {
                        if (failure == null) {
                            answer(messages);
                        } else {
                            fail(reason(failure));
                        }
                    });
                },
                channel.eventLoop());
    }

    /** Ends a command that had to wait, and takes what the client has sent since. */
    private void goOn(Deque<FrontendMessage> meanwhile, Runnable answer) {
        channel.config().setAutoRead(true);
        activity = new Activity.Idle();
        answer.run();
        meanwhile.forEach(this::receive);
    }

    private static PgException reason(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof PgException known) {
            return known;
        }
        log.error("unexpected failure of a replication command", cause);
        return PgException.error(SqlState.INTERNAL_ERROR, cause.toString());
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
            answer(commands.endOfStream(historic));
            return;
        }
        WalSender sender = new WalSender(
                channel,
                session.cluster().wal(),
                downstream.wakeups().apply(session.cluster().wal()),
                position,
                start.start(),
                slot,
                session.settings()::walSenderTimeout,
                downstream.clock(),
                new StreamEnd(slot));
        activity = new Activity.Streaming(sender, slot);
        // A slot holds WAL by itself, and is limited; what it holds is not held twice.
        sending = slot.isPresent() ? null : sender;
        sender.begin();
        channel.flush();
    }

    /** What the end of a stream means for the session. */
    private final class StreamEnd implements WalSender.End {
        private final Optional<ReplicationSlot> slot;

        StreamEnd(Optional<ReplicationSlot> slot) {
            this.slot = slot;
        }

        private void leave(Runnable then) {
            sending = null;
            slot.ifPresent(downstream.slots()::release);
            activity = new Activity.Idle();
            then.run();
        }

        @Override
        public void copyDone(Optional<SendPosition.Historic> next) {
            leave(() -> answer(commands.endOfStream(next)));
        }

        @Override
        public void failed(PgException error) {
            leave(() -> fail(error));
        }

        @Override
        public void fatal(PgException error) {
            leave(() -> CommandHandler.this.fatal(error));
        }

        @Override
        public void closeSilently(String reason) {
            leave(() -> CommandHandler.this.closeSilently(reason));
        }

        @Override
        public void drained() {
            leave(() -> {
                send(new BackendMessage.CommandComplete("COPY 0"));
                closeAfterFlush();
            });
        }
    }

    private void passThrough(String query) {
        BackupPassthrough connection = backup;
        if (connection == null || connection.isClosed()) {
            connection = downstream.backups().create(channel, applicationName);
            backup = connection;
        }
        activity = new Activity.Backup(connection);
        connection.run(query, new BackupEnd());
    }

    /** What the end of a passed-through command means for the session. */
    private final class BackupEnd implements BackupPassthrough.End {
        @Override
        public void completed(boolean failed) {
            if (activity instanceof Activity.Backup) {
                if (failed) {
                    downstream.slots().dropTemporary(session.pid());
                }
                done();
            }
        }

        @Override
        public void lost(PgException error) {
            backup = null;
            if (activity instanceof Activity.Backup) {
                fail(error);
            }
        }

        @Override
        public void clientBroke(PgException error) {
            fatal(error);
        }

        @Override
        public void clientLeft() {
            close();
        }
    }

    /** A CancelRequest that showed the right key; any thread. */
    void cancel() {
        channel.eventLoop().execute(() -> {
            switch (activity) {
                case Activity.Streaming streaming -> streaming.sender().cancel();
                case Activity.Backup backup -> backup.passthrough().cancel();
                case Activity.Waiting waiting ->
                    goOn(
                            waiting.meanwhile(),
                            () -> fail(PgException.error(
                                    SqlState.QUERY_CANCELED, "canceling statement due to user request")));
                case Activity.Blocked blocked -> {}
                case Activity.Idle idle -> {}
                case Activity.SkippingToSync skipping -> {}
                case Activity.Closed closed -> {}
            }
        });
    }

    /** From where on its client still needs WAL, if it streams without a slot; any thread. */
    Optional<Lsn> holding() {
        WalSender sender = sending;
        return sender == null ? Optional.empty() : Optional.of(sender.sent());
    }

    /** Ends the session, whatever it does: pg_terminate_backend; any thread. */
    void terminate() {
        channel.eventLoop().execute(() -> {
            if (!(activity instanceof Activity.Closed)) {
                leave();
                fatal(PgException.fatal(
                        SqlState.ADMIN_SHUTDOWN, "terminating connection due to administrator command"));
            }
        });
    }

    /** The relay shuts down: streams are brought to their end, everything else is cut off; any thread. */
    void shutDown() {
        channel.eventLoop().execute(() -> {
            shuttingDown = true;
            if (activity instanceof Activity.Streaming streaming) {
                streaming.sender().shutDown();
            } else if (!(activity instanceof Activity.Closed)) {
                fatal(PgException.fatal(
                        SqlState.ADMIN_SHUTDOWN, "terminating connection due to administrator command"));
            }
        });
    }

    /** Ends the command: the client is told, temporary slots go, and the session waits for the next. */
    private void fail(PgException error) {
        error(error);
        done();
    }

    private void error(PgException error) {
        downstream.slots().dropTemporary(session.pid());
        log.error(
                "{}: {}{}",
                session,
                error.message(),
                error.detail().map(detail -> "\nDETAIL:  " + detail).orElse(""));
        send(new BackendMessage.ErrorResponse(ErrorFields.from(error)));
    }

    private void fatal(PgException error) {
        log.error(FATAL, "{}: {}", session, error.message());
        send(new BackendMessage.ErrorResponse(ErrorFields.from(error.asFatal())));
        closeAfterFlush();
    }

    private void closeSilently(String reason) {
        log.info("{}: {}", session, reason);
        close();
    }

    /** A client that does not take its last words is not waited for: what is queued for it holds files open. */
    private void closeAfterFlush() {
        leave();
        ScheduledFuture<?> late = channel.eventLoop().schedule(() -> channel.close(), LAST_WORDS, TimeUnit.SECONDS);
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        channel.closeFuture().addListener(closed -> late.cancel(false));
    }

    private void close() {
        leave();
        channel.close();
    }

    /** Gives back what the session has, whatever it was doing. */
    private void leave() {
        Activity before = activity;
        activity = new Activity.Closed();
        switch (before) {
            case Activity.Streaming streaming -> {
                sending = null;
                streaming.sender().closed();
                streaming.slot().ifPresent(downstream.slots()::release);
            }
            case Activity.Waiting waiting -> waiting.meanwhile().forEach(CommandHandler::release);
            case Activity.Blocked blocked -> blocked.meanwhile().forEach(CommandHandler::release);
            case Activity.Idle idle -> {}
            case Activity.SkippingToSync skipping -> {}
            case Activity.Backup passedThrough -> {}
            case Activity.Closed closed -> {}
        }
    }

    private void send(BackendMessage message) {
        channel.write(message, channel.voidPromise());
    }

    private void readyForQuery() {
        channel.writeAndFlush(BackendMessage.ReadyForQuery.IDLE, channel.voidPromise());
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (activity instanceof Activity.Streaming streaming) {
            if (channel.isWritable()) {
                streaming.sender().send();
            }
        } else if (activity instanceof Activity.Backup backup) {
            backup.passthrough().clientWritable(channel.isWritable());
        } else if (activity instanceof Activity.Blocked blocked && channel.isWritable()) {
            goOn(blocked.meanwhile(), () -> {});
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (activity instanceof Activity.Closed) {
            // Each message that could still not be written says so.
            log.debug("{}: after its end: {}", session, cause.toString());
            return;
        }
        switch (cause) {
            case PgException broken -> onBroken(broken);
            case SilentCloseException silent -> closeSilently(silent.reason());
            case IOException lost -> closeSilently("could not receive data from client: " + lost.getMessage());
            default -> {
                log.error("{}: unexpected failure", session, cause);
                leave();
                fatal(PgException.fatal(SqlState.INTERNAL_ERROR, cause.toString()));
            }
        }
    }

    private void onBroken(PgException broken) {
        if (broken.severity() == Severity.ERROR && activity instanceof Activity.Idle) {
            fail(broken);
        } else {
            leave();
            fatal(broken);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        leave();
        BackupPassthrough passthrough = backup;
        if (passthrough != null) {
            passthrough.close();
        }
        downstream.sessions().remove(session);
        downstream.slots().dropTemporary(session.pid());
        ctx.fireChannelInactive();
    }
}
