package io.walrelay.proxy.session;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.walrelay.proxy.query.QueryProtocol;
import io.walrelay.replication.Lsn;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SilentCloseException;
import io.walrelay.wire.message.BackendMessage;
import io.walrelay.wire.message.ErrorFields;
import io.walrelay.wire.message.FrontendMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An authenticated session that speaks SQL. On the client's event loop; what blocks is done by {@link SqlBackend},
 * which is given what has arrived, and gives back what is to be sent: as much as a chunk, and goes on when the client
 * has taken that. So a client that does not read holds no worker, and no result is ever held as a whole.
 */
final class SqlHandler extends SimpleChannelInboundHandler<FrontendMessage> implements LiveSession {
    private static final Logger log = LoggerFactory.getLogger(SqlHandler.class);

    private final Downstream downstream;
    private final Session session;
    private final Channel channel;
    private final SqlBackend backend;
    private final List<FrontendMessage> arrived = new ArrayList<>();
    private SqlActivity activity = new SqlActivity.Idle();
    private final IdleTimeout idle;

    SqlHandler(Downstream downstream, Session session, SqlBackend backend) {
        super(false);
        this.downstream = downstream;
        this.session = session;
        this.channel = session.channel();
        this.backend = backend;
        this.idle = new IdleTimeout(channel.eventLoop(), this::fatal);
    }

    @Override
    public Session session() {
        return session;
    }

    /** Has the engine ready, tells the client what it has to know, and waits for its first query. */
    void begin() {
        activity = new SqlActivity.Working();
        channel.config().setAutoRead(false);
        backend.open(this::take);
    }

    private void take(List<BackendMessage> answers, QueryProtocol.Progress progress) {
        boolean finishing = activity instanceof SqlActivity.Finishing;
        activity = new SqlActivity.Idle();
        answers.forEach(answer -> channel.write(answer, channel.voidPromise()));
        channel.flush();
        if (activity instanceof SqlActivity.Closed) {
            // The client was found to have left.
            return;
        }
        switch (progress) {
            case TERMINATED -> closeAfterFlush();
            case OUTPUT_FULL -> goOn(finishing);
            case IDLE -> waitForMore(finishing);
        }
    }

    private void goOn(boolean finishing) {
        if (!channel.isWritable()) {
            activity = new SqlActivity.Blocked();
        } else {
            proceed();
            if (finishing) {
                activity = new SqlActivity.Finishing();
            }
        }
    }

    private void waitForMore(boolean finishing) {
        if (finishing) {
            fatal(CommandHandler.terminated());
        } else if (arrived.isEmpty()) {
            channel.config().setAutoRead(true);
            idle.begin(backend);
        } else {
            proceed();
        }
    }

    private void proceed() {
        idle.end();
        activity = new SqlActivity.Working();
        channel.config().setAutoRead(false);
        List<FrontendMessage> batch = List.copyOf(arrived);
        arrived.clear();
        backend.proceed(batch, this::take);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FrontendMessage message) {
        if (activity instanceof SqlActivity.Closed) {
            Conversation.release(message);
        } else {
            arrived.add(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (activity instanceof SqlActivity.Idle && !arrived.isEmpty()) {
            proceed();
        }
        ctx.fireChannelReadComplete();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (activity instanceof SqlActivity.Blocked && channel.isWritable()) {
            proceed();
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void cancel() {
        backend.cancel();
    }

    @Override
    public void terminate() {
        channel.eventLoop().execute(() -> fatal(CommandHandler.terminated()));
    }

    @Override
    public void shutDown(ShutdownMode mode) {
        channel.eventLoop().execute(() -> {
            if (mode == ShutdownMode.SMART && activity instanceof SqlActivity.Working) {
                activity = new SqlActivity.Finishing();
            } else if (!(mode == ShutdownMode.SMART && activity instanceof SqlActivity.Finishing)) {
                fatal(CommandHandler.terminated());
            }
        });
    }

    @Override
    public CompletableFuture<Boolean> pause() {
        return CompletableFuture.completedFuture(false);
    }

    @Override
    public CompletableFuture<Boolean> resume() {
        return CompletableFuture.completedFuture(false);
    }

    @Override
    public void cutOff() {
        channel.eventLoop().execute(channel::close);
    }

    @Override
    public Optional<Lsn> holding() {
        return Optional.empty();
    }

    private void fatal(PgException failure) {
        if (!(activity instanceof SqlActivity.Closed)) {
            log.info("{}: {}", session, failure.message());
            channel.write(new BackendMessage.ErrorResponse(ErrorFields.from(failure.asFatal())), channel.voidPromise());
            closeAfterFlush();
        }
    }

    private void closeAfterFlush() {
        leave();
        LastWords.thenClose(channel);
    }

    /** Nothing more is done; what a worker is at is cancelled, and the rest is given back when it is done. */
    private void leave() {
        idle.end();
        activity = new SqlActivity.Closed();
        arrived.forEach(Conversation::release);
        arrived.clear();
        backend.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        switch (cause) {
            case PgException broken -> {
                if (broken.severity().endsSession()) {
                    fatal(broken);
                } else {
                    // It stays in its place among what has arrived.
                    channelRead0(ctx, new FrontendMessage.Extended.Malformed((byte) 'Q', broken));
                }
            }
            case SilentCloseException silent -> close(silent.reason());
            default -> close("could not receive data from client: " + cause.getMessage());
        }
    }

    private void close(String reason) {
        log.debug("{}: {}", session, reason);
        leave();
        channel.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        leave();
        downstream.sessions().remove(session);
        downstream.slots().dropTemporary(session.pid());
        ctx.fireChannelInactive();
    }
}
