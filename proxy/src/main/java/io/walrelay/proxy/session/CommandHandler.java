package io.walrelay.proxy.session;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.walrelay.proxy.walsender.SenderClient;
import io.walrelay.proxy.walsender.SenderEntry;
import io.walrelay.proxy.walsender.WalSender;
import io.walrelay.replication.Lsn;
import io.walrelay.wire.compression.CopyCompressor;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.Severity;
import io.walrelay.wire.error.SilentCloseException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.BackendMessage;
import io.walrelay.wire.message.FrontendMessage;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An authenticated session: gives each message to what the session is doing, and what happens to the connection as
 * well. On the client's event loop. Mirrors {@code PostgresMain}.
 */
final class CommandHandler extends SimpleChannelInboundHandler<FrontendMessage> implements LiveSession {
    private static final Logger log = LoggerFactory.getLogger(CommandHandler.class);

    private final Downstream downstream;
    private final Session session;
    private final Channel channel;
    private final Conversation conversation;
    private final CommandExecution execution;
    private final Optional<SqlBackend> sql;
    private final Optional<SqlCommands> statements;
    private final String applicationName;
    private final SenderEntry entry;

    CommandHandler(
            Downstream downstream,
            Session session,
            String applicationName,
            Optional<CopyCompressor> compressor,
            Optional<SqlBackend> sql) {
        super(false);
        this.downstream = downstream;
        this.session = session;
        this.channel = session.channel();
        this.conversation = new Conversation(session, downstream.slots(), this::receive, sql);
        this.sql = sql;
        this.statements = sql.map(backend -> new SqlCommands(session, conversation, backend));
        this.applicationName = applicationName;
        this.entry = downstream
                .senders()
                .add(SenderClient.of(
                        session.pid(),
                        session.user(),
                        applicationName,
                        channel.remoteAddress(),
                        downstream.clock().instant(),
                        Encryption.of(channel)));
        compressor.ifPresent(entry::compressedBy);
        this.execution =
                new CommandExecution(downstream, session, conversation, entry, applicationName, sql, statements);
    }

    @Override
    public Session session() {
        return session;
    }

    /** Tells the client what it has to know, and waits for its first command. */
    void begin() {
        statements.ifPresentOrElse(SqlCommands::begin, this::beginWithoutDatabase);
        log.debug("replication connection authorized: user={} application_name={}", session.user(), applicationName);
    }

    private void beginWithoutDatabase() {
        session.settings()
                .reported()
                .forEach(parameter ->
                        conversation.send(new BackendMessage.ParameterStatus(parameter.name(), parameter.value())));
        conversation.send(new BackendMessage.BackendKeyData(session.pid(), session.key()));
        conversation.readyForQuery();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FrontendMessage message) {
        receive(message);
    }

    /**
     * Takes CopyData where it lies: of a stream, which brings many, it need not become an object. What else a session
     * is doing has it as the message that it would be.
     */
    void copyData(ByteBuf received, int index, int length) {
        try {
            if (conversation.activity() instanceof Activity.Streaming streaming) {
                conversation.clientIsHere();
                streaming.sender().onCopyData(received, index, length);
            } else {
                receive(new FrontendMessage.CopyData(received.retainedSlice(index, length)));
            }
        } catch (RuntimeException defect) {
            // This handler's own, as in channelRead0: the decoder would take it for its own.
            onFailure(defect);
        }
    }

    private void receive(FrontendMessage message) {
        conversation.clientIsHere();
        switch (conversation.activity()) {
            case Activity.Idle idle -> {
                if (channel.isWritable()) {
                    whileIdle(message);
                } else {
                    conversation.block(message);
                }
            }
            case Activity.Blocked blocked -> blocked.meanwhile().add(message);
            case Activity.SkippingToSync skippingToSync -> whileSkipping(message);
            case Activity.Waiting waiting -> waiting.meanwhile().add(message);
            case Activity.Streaming streaming -> streaming.sender().onMessage(message);
            case Activity.Backup backup -> whileBackup(backup, message);
            case Activity.Upload upload -> whileUpload(upload, message);
            case Activity.Querying querying -> querying.meanwhile().add(message);
            case Activity.Unsent unsent -> unsent.meanwhile().add(message);
            case Activity.Closed closed -> Conversation.release(message);
        }
    }

    private void whileBackup(Activity.Backup backup, FrontendMessage message) {
        if (message instanceof FrontendMessage.Terminate) {
            // A server would find out when it cannot send any more.
            conversation.close();
        } else {
            channel.config().setAutoRead(false);
            backup.meanwhile().add(message);
        }
    }

    private void whileUpload(Activity.Upload upload, FrontendMessage message) {
        upload.passthrough().onMessage(message);
        if (message instanceof FrontendMessage.CopyDone || message instanceof FrontendMessage.CopyFail) {
            conversation.become(new Activity.Backup(upload.passthrough()));
        }
    }

    private void whileIdle(FrontendMessage message) {
        switch (message) {
            case FrontendMessage.Query query -> execution.execute(query.query());
            case FrontendMessage.Terminate terminate -> conversation.close();
            // What a client still sends after a COPY has ended is passed over.
            case FrontendMessage.CopyData copyData -> Conversation.release(copyData);
            case FrontendMessage.CopyDone copyDone -> {}
            case FrontendMessage.CopyFail copyFail -> {}
            case FrontendMessage.Sync sync -> conversation.readyForQuery();
            case FrontendMessage.Flush flush -> {
                if (flush.excess() > 0) {
                    conversation.skipBatch(PgException.error(SqlState.PROTOCOL_VIOLATION, "invalid message format"));
                }
            }
            case FrontendMessage.Extended extended ->
                conversation.skipBatch(PgException.error(
                        SqlState.PROTOCOL_VIOLATION,
                        "extended query protocol not supported in a replication connection"));
            case FrontendMessage.FunctionCall call ->
                conversation.fail(PgException.error(
                        SqlState.PROTOCOL_VIOLATION,
                        "fastpath function calls not supported in a replication connection"));
            case FrontendMessage.Unknown unknown -> conversation.fatal(invalidType(unknown.type()));
            case FrontendMessage.Password password -> conversation.fatal(invalidType((byte) 'p'));
        }
    }

    private static PgException invalidType(byte type) {
        return PgException.protocolViolation("invalid frontend message type " + (type & 0xFF));
    }

    private void whileSkipping(FrontendMessage message) {
        switch (message) {
            case FrontendMessage.Sync sync -> conversation.done();
            case FrontendMessage.Terminate terminate -> conversation.close();
            case FrontendMessage.Unknown unknown -> conversation.fatal(invalidType(unknown.type()));
            default -> Conversation.release(message);
        }
    }

    /** A CancelRequest that showed the right key; any thread. */
    @Override
    public void cancel() {
        channel.eventLoop().execute(() -> {
            switch (conversation.activity()) {
                case Activity.Streaming streaming -> streaming.sender().cancel();
                case Activity.Backup backup -> backup.passthrough().cancel();
                case Activity.Upload upload -> upload.passthrough().cancel();
                case Activity.Querying querying -> sql.ifPresent(SqlBackend::cancel);
                case Activity.Unsent unsent -> sql.ifPresent(SqlBackend::cancel);
                case Activity.Waiting waiting ->
                    conversation.goOn(
                            waiting.meanwhile(),
                            () -> conversation.fail(PgException.error(
                                    SqlState.QUERY_CANCELED, "canceling statement due to user request")));
                case Activity.Blocked blocked -> {}
                case Activity.Idle idle -> {}
                case Activity.SkippingToSync skipping -> {}
                case Activity.Closed closed -> {}
            }
        });
    }

    /** From where on its client still needs WAL, if it streams without a slot; any thread. */
    @Override
    public Optional<Lsn> holding() {
        return conversation.holding();
    }

    /** Ends the session, whatever it does: pg_terminate_backend; any thread. */
    @Override
    public void terminate() {
        channel.eventLoop().execute(() -> {
            if (!conversation.isClosed()) {
                conversation.leave();
                conversation.fatal(terminated());
            }
        });
    }

    @Override
    public CompletableFuture<Boolean> pause() {
        return whileStreaming("paused", WalSender::pause);
    }

    @Override
    public CompletableFuture<Boolean> resume() {
        return whileStreaming("resumed", WalSender::resume);
    }

    private CompletableFuture<Boolean> whileStreaming(String what, Predicate<WalSender> done) {
        return CompletableFuture.supplyAsync(
                () -> {
                    if (conversation.activity() instanceof Activity.Streaming streaming
                            && done.test(streaming.sender())) {
                        log.info(
                                "{}: sending of WAL is {} at {}",
                                session,
                                what,
                                streaming.sender().sent());
                        return true;
                    }
                    return false;
                },
                channel.eventLoop());
    }

    /** The relay shuts down: streams are brought to their end, everything else is cut off; any thread. */
    @Override
    public void shutDown(ShutdownMode mode) {
        channel.eventLoop().execute(() -> {
            execution.shutDown();
            if (conversation.activity() instanceof Activity.Streaming streaming) {
                streaming.sender().shutDown();
            } else if (!conversation.isClosed()) {
                conversation.fatal(terminated());
            }
        });
    }

    /** The time that a shutdown leaves has passed; any thread. Mirrors {@code WalSndDoneImmediate} of PostgreSQL 19. */
    @Override
    public void cutOff() {
        channel.eventLoop().execute(() -> {
            if (conversation.activity() instanceof Activity.Streaming) {
                log.warn("{}: terminating walsender process due to replication shutdown timeout", session);
                conversation.leave();
                conversation.send(new BackendMessage.CommandComplete("COPY 0"));
                channel.flush();
            }
            conversation.close();
        });
    }

    static PgException terminated() {
        return PgException.fatal(SqlState.ADMIN_SHUTDOWN, "terminating connection due to administrator command");
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        switch (conversation.activity()) {
            case Activity.Streaming streaming -> {
                if (channel.isWritable()) {
                    streaming.sender().send();
                }
            }
            case Activity.Backup backup -> backup.passthrough().clientWritable(channel.isWritable());
            case Activity.Upload upload -> upload.passthrough().clientWritable(channel.isWritable());
            case Activity.Blocked blocked -> {
                if (channel.isWritable()) {
                    conversation.goOn(blocked.meanwhile(), () -> {});
                }
            }
            case Activity.Unsent unsent -> {
                if (channel.isWritable()) {
                    statements.ifPresent(waiting -> waiting.goOn(unsent));
                }
            }
            case Activity.Idle idle -> {}
            case Activity.SkippingToSync skipping -> {}
            case Activity.Waiting waiting -> {}
            case Activity.Querying querying -> {}
            case Activity.Closed closed -> {}
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        onFailure(cause);
    }

    private void onFailure(Throwable cause) {
        if (conversation.isClosed()) {
            // Each message that could still not be written says so.
            log.debug("{}: after its end: {}", session, cause.toString());
            return;
        }
        switch (cause) {
            case PgException broken -> onBroken(broken);
            case SilentCloseException silent -> conversation.closeSilently(silent.reason());
            case IOException lost ->
                conversation.closeSilently("could not receive data from client: " + lost.getMessage());
            default -> {
                log.error("{}: unexpected failure", session, cause);
                conversation.leave();
                conversation.fatal(PgException.fatal(SqlState.INTERNAL_ERROR, cause.toString()));
            }
        }
    }

    private void onBroken(PgException broken) {
        if (broken.severity() == Severity.ERROR && conversation.activity() instanceof Activity.Idle) {
            conversation.fail(broken);
        } else {
            conversation.leave();
            conversation.fatal(broken);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        conversation.leave();
        execution.close();
        downstream.senders().remove(entry);
        downstream.sessions().remove(session);
        downstream.slots().dropTemporary(session.pid());
        ctx.fireChannelInactive();
    }
}
