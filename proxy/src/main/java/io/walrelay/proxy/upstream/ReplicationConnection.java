package io.walrelay.proxy.upstream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.util.ReferenceCountUtil;
import io.walrelay.wire.codec.BackendDecoder;
import io.walrelay.wire.codec.CopyDataSource;
import io.walrelay.wire.compression.CopyDecompressor;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.BackendMessage;
import io.walrelay.wire.message.FrontendMessage;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs replication commands on a logged-in connection, one at a time, and hands over the stream of START_REPLICATION.
 * All on the channel's event loop; futures complete there. Mirrors {@code libpqwalreceiver.c}.
 */
public final class ReplicationConnection extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(ReplicationConnection.class);

    /** How long a command may run, in seconds: none of those that are sent takes the upstream any time. */
    static final long COMMAND_TIMEOUT = 60;

    private final UpstreamLogin login;
    private State state = new State.Idle();

    /** Installs itself as the last handler of the login's channel. */
    public ReplicationConnection(UpstreamLogin login) {
        this.login = login;
        login.channel().pipeline().addLast(this);
    }

    /** What the connection is doing. */
    private sealed interface State {
        /** Between two commands. */
        record Idle() implements State {}

        /** A command is running; a stream may come of it if there is somebody to take it. */
        record Running(CommandResult.Builder result, CompletableFuture<Reply> reply, List<UpstreamStream> taker)
                implements State {}

        /** WAL is coming. */
        record Streaming(UpstreamStream taker) implements State {}

        /** Gone. */
        record Closed(PgException reason) implements State {}
    }

    /** What a command came to. */
    public sealed interface Reply {
        /** It is complete. */
        record Completed(CommandResult result) implements Reply {}

        /** A stream has begun, which {@link #endStream} ends. */
        record CopyBoth() implements Reply {}
    }

    /** Where this leads. */
    public UpstreamLogin login() {
        return login;
    }

    /** Whether the upstream has not closed it, as far as is known; any thread. */
    public boolean isOpen() {
        return login.channel().isActive();
    }

    /** Runs a command that answers with rows. Fails with the upstream's error, or 08006 if the connection is lost. */
    public CompletableFuture<CommandResult> query(String command) {
        return run(command, List.of()).thenApply(reply -> switch (reply) {
            case Reply.Completed completed -> completed.result();
            case Reply.CopyBoth copyBoth -> throw unexpected("CopyBothResponse");
        });
    }

    /** Runs START_REPLICATION; {@code taker} gets the stream, if one begins. */
    public CompletableFuture<Reply> startStream(String command, UpstreamStream taker) {
        return run(command, List.of(taker));
    }

    /**
     * Ends the stream from this side (an answer to the upstream's end, or a wish), and gives the result that follows.
     */
    public CompletableFuture<CommandResult> endStream() {
        return begin(new FrontendMessage.CopyDone(), List.of()).thenApply(ended -> switch (ended) {
            case Reply.Completed completed -> completed.result();
            case Reply.CopyBoth copyBoth -> throw unexpected("CopyBothResponse");
        });
    }

    private CompletableFuture<Reply> run(String command, List<UpstreamStream> taker) {
        return begin(new FrontendMessage.Query(command), taker);
    }

    private CompletableFuture<Reply> begin(FrontendMessage message, List<UpstreamStream> taker) {
        if (state instanceof State.Closed closed) {
            return CompletableFuture.failedFuture(closed.reason());
        }
        Channel channel = login.channel();
        if (!channel.isActive()) {
            // It went before this handler was there to be told.
            fail(connectionLost("server closed the connection unexpectedly"));
            return begin(message, taker);
        }
        CompletableFuture<Reply> reply = new CompletableFuture<>();
        State.Running running = new State.Running(new CommandResult.Builder(), reply, taker);
        state = running;
        var late = channel.eventLoop()
                .schedule(
                        () -> {
                            if (state.equals(running)) {
                                fail(connectionLost("the upstream server does not answer: timeout expired"));
                            }
                        },
                        COMMAND_TIMEOUT,
                        TimeUnit.SECONDS);
        channel.writeAndFlush(message, channel.voidPromise());
        return reply.whenComplete((result, failure) -> late.cancel(false));
    }

    /** Leaves the connection, which is idle, to another handler. */
    void detach() {
        copyDataSource().ifPresent(CopyDataSource::passCopyDataOn);
        login.channel().pipeline().remove(this);
    }

    /** Says goodbye and closes. */
    public void close() {
        state = new State.Closed(connectionLost("the connection was closed"));
        login.channel()
                .writeAndFlush(new FrontendMessage.Terminate())
                .addListener(done -> login.channel().close());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof BackendMessage backend)) {
            ctx.fireChannelRead(message);
            return;
        }
        if (backend instanceof BackendMessage.NoticeResponse noticeResponse) {
            log.info("upstream {}: {}", login, noticeResponse.fields());
            return;
        }
        switch (state) {
            case State.Running running -> whileRunning(running, backend);
            case State.Streaming streaming -> whileStreaming(streaming.taker(), backend);
            case State.Idle idle -> outsideOfCommand(backend);
            case State.Closed closed -> ReferenceCountUtil.release(payload(backend));
        }
    }

    private void whileRunning(State.Running running, BackendMessage message) {
        switch (message) {
            case BackendMessage.RowDescription description -> running.result.begin(description);
            case BackendMessage.DataRow row -> running.result.row(row);
            case BackendMessage.CommandComplete commandComplete -> running.result.tag(commandComplete.tag());
            case BackendMessage.ErrorResponse errorResponse ->
                running.result.error(errorResponse.fields().toException());
            case BackendMessage.ReadyForQuery ready -> complete(running);
            case BackendMessage.CopyBothResponse begun -> beginStream(running);
            // A stream that is being ended may still bring data, and the other side's CopyDone.
            case BackendMessage.CopyData copyData -> copyData.data().release();
            case BackendMessage.CopyDone done -> {}
            case BackendMessage.ParameterStatus changed -> {}
            default -> fail(unexpected(message.getClass().getSimpleName()));
        }
    }

    private void beginStream(State.Running running) {
        if (running.taker.isEmpty()) {
            fail(unexpected("CopyBothResponse"));
            return;
        }
        UpstreamStream taker = running.taker.getFirst();
        state = new State.Streaming(taker);
        takeDirectly(taker);
        running.reply.complete(new Reply.CopyBoth());
    }

    /** The stream's messages need not become objects. */
    private void takeDirectly(UpstreamStream taker) {
        copyDataSource()
                .ifPresent(source -> source.giveCopyDataTo((received, index, length) -> {
                    if (state instanceof State.Streaming) {
                        taker.data(received, index, length);
                    }
                }));
    }

    /** What is nearest in front of this handler. */
    private Optional<CopyDataSource> copyDataSource() {
        ChannelPipeline pipeline = login.channel().pipeline();
        CopyDecompressor decompressor = pipeline.get(CopyDecompressor.class);
        return Optional.ofNullable(decompressor != null ? decompressor : pipeline.get(BackendDecoder.class));
    }

    private void complete(State.Running running) {
        state = new State.Idle();
        try {
            running.reply.complete(new Reply.Completed(running.result.build()));
        } catch (PgException error) {
            running.reply.completeExceptionally(error);
        }
    }

    private void whileStreaming(UpstreamStream taker, BackendMessage message) {
        switch (message) {
            case BackendMessage.CopyData copyData -> taker.data(copyData.data());
            case BackendMessage.CopyDone done -> taker.endOfTimeline();
            case BackendMessage.CommandComplete shutdown -> taker.endOfWal();
            case BackendMessage.ErrorResponse errorResponse -> {
                // The upstream refuses after it has begun the stream; ReadyForQuery follows.
                state = new State.Running(new CommandResult.Builder(), new CompletableFuture<>(), List.of());
                taker.failed(errorResponse.fields().toException());
            }
            case BackendMessage.ParameterStatus changed -> {}
            default -> fail(unexpected(message.getClass().getSimpleName()));
        }
    }

    private void outsideOfCommand(BackendMessage message) {
        switch (message) {
            case BackendMessage.ErrorResponse errorResponse ->
                fail(errorResponse.fields().toException());
            case BackendMessage.ParameterStatus changed -> {}
            case BackendMessage.CopyData copyData -> copyData.data().release();
            default -> fail(unexpected(message.getClass().getSimpleName()));
        }
    }

    private static Object payload(BackendMessage message) {
        return message instanceof BackendMessage.CopyData copyData ? copyData.data() : message;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (state instanceof State.Streaming streaming) {
            streaming.taker().readComplete();
        }
        ctx.fireChannelReadComplete();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail(connectionLost("server closed the connection unexpectedly"));
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(cause instanceof PgException known ? known : connectionLost(String.valueOf(cause.getMessage())));
    }

    private void fail(PgException reason) {
        State before = state;
        if (before instanceof State.Closed) {
            return;
        }
        state = new State.Closed(reason);
        login.channel().close();
        switch (before) {
            case State.Running running -> running.reply.completeExceptionally(running.result.errorOr(reason));
            case State.Streaming streaming -> streaming.taker().failed(reason);
            case State.Idle idle -> {}
            case State.Closed closed -> {}
        }
    }

    private static PgException connectionLost(String why) {
        return PgException.error(SqlState.CONNECTION_FAILURE, why);
    }

    private static PgException unexpected(String message) {
        return PgException.protocolViolation("unexpected message from the upstream server: " + message);
    }
}
