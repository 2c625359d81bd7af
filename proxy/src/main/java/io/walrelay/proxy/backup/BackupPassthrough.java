package io.walrelay.proxy.backup;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.walrelay.proxy.upstream.UpstreamConnector;
import io.walrelay.proxy.upstream.UpstreamLogin;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.BackendMessage;
import io.walrelay.wire.message.FrontendMessage;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * BASE_BACKUP and UPLOAD_MANIFEST of one client, carried out by the upstream: a node without data has none to send. The
 * command goes to the upstream as the client wrote it, on a connection of its own, and the upstream's answer goes to
 * the client message by message; whichever of the two is slow slows the other, and nothing else. The connection stays
 * for the client's next command, since an uploaded manifest lives in the session that got it.
 *
 * <p>Both connections are served by the client's event loop, so all of this runs on one thread.
 */
public final class BackupPassthrough {
    private final Channel client;
    private final UpstreamConnector connector;
    private final CompletableFuture<UpstreamLogin> login;
    private State state = new State.Idle();

    /** Makes the connection for a client. */
    @FunctionalInterface
    public interface Factory {
        /** Connects to the upstream on the client's event loop, and shows it the client's name. */
        BackupPassthrough create(Channel client, String applicationName);
    }

    /** What becomes of a command. On the client's event loop. */
    public interface End {
        /** The upstream has answered in full; all of it but ReadyForQuery has been sent to the client. */
        void completed(boolean failed);

        /** The upstream could not be reached, or was lost; the client has not been told. */
        void lost(PgException error);

        /** The client sent what does not belong into a COPY; it has not been told. */
        void clientBroke(PgException error);

        /** The client has said goodbye. */
        void clientLeft();
    }

    /** Where a command is. */
    private sealed interface State {
        record Idle() implements State {}

        /** The upstream is not there yet; what the client has sent ahead follows the command. */
        record Connecting(String command, End end, Deque<FrontendMessage> ahead) implements State {}

        record Running(End end) implements State {}

        record Failing(End end) implements State {}

        record Closed(PgException reason) implements State {}
    }

    /** Takes over a connection that is being made. */
    public BackupPassthrough(Channel client, UpstreamConnector connector, CompletableFuture<UpstreamLogin> login) {
        this.client = client;
        this.connector = connector;
        this.login = login;
        login.whenComplete((connected, failure) -> {
            if (failure != null) {
                lost(PgException.error(
                        SqlState.CONNECTION_FAILURE, "could not connect to the primary server: " + message(failure)));
            } else if (state instanceof State.Closed) {
                connected.channel().close();
            } else {
                connected.channel().pipeline().addLast(new ToClient());
                connected();
            }
        });
    }

    private void connected() {
        if (state instanceof State.Connecting connecting) {
            client.config().setAutoRead(true);
            begin(connecting.command(), connecting.end());
            connecting.ahead().forEach(this::toUpstream);
        }
    }

    private static String message(Throwable failure) {
        return PgException.of(failure, defect -> {}).message();
    }

    /** Has the upstream run a command. */
    public void run(String command, End end) {
        if (state instanceof State.Closed closed) {
            end.lost(closed.reason());
            return;
        }
        if (login.isDone()) {
            begin(command, end);
        } else {
            state = new State.Connecting(command, end, new ArrayDeque<>());
            client.config().setAutoRead(false);
        }
    }

    private void begin(String command, End end) {
        state = new State.Running(end);
        whenConnected(upstream -> {
            // The client may have been slow at the end of the last command, and was not followed since.
            upstream.config().setAutoRead(true);
            upstream.writeAndFlush(new FrontendMessage.Query(command), upstream.voidPromise());
        });
    }

    private void whenConnected(Consumer<Channel> action) {
        login.thenAccept(connected -> action.accept(connected.channel()));
    }

    /** Whether the connection could not be made, or is lost: it runs no more commands. */
    public boolean isClosed() {
        return state instanceof State.Closed;
    }

    /** Takes what the client sends while a command runs: the manifest that it uploads. */
    public void onMessage(FrontendMessage message) {
        switch (message) {
            case FrontendMessage.CopyData copyData -> toUpstream(copyData);
            case FrontendMessage.CopyDone copyDone -> toUpstream(copyDone);
            case FrontendMessage.CopyFail copyFail -> toUpstream(copyFail);
            case FrontendMessage.Flush flush -> {}
            case FrontendMessage.Sync sync -> {}
            case FrontendMessage.Terminate terminate -> end().clientLeft();
            default ->
                end().clientBroke(PgException.protocolViolation("unexpected message from the client during COPY"));
        }
    }

    private void toUpstream(FrontendMessage message) {
        if (state instanceof State.Connecting connecting) {
            connecting.ahead().add(message);
        } else if (login.isDone() && !login.isCompletedExceptionally()) {
            Channel upstream = login.join().channel();
            upstream.writeAndFlush(message, upstream.voidPromise());
            client.config().setAutoRead(upstream.isWritable());
        } else {
            release(message);
        }
    }

    private static void release(FrontendMessage message) {
        if (message instanceof FrontendMessage.CopyData copyData) {
            copyData.data().release();
        }
    }

    private End end() {
        return switch (state) {
            case State.Connecting connecting -> connecting.end();
            case State.Running running -> running.end();
            case State.Failing failing -> failing.end();
            case State.Idle idle -> throw new IllegalStateException("no command is running");
            case State.Closed closed -> throw new IllegalStateException("the connection is closed");
        };
    }

    /** The client's socket takes more, or no more: the upstream is read accordingly. */
    public void clientWritable(boolean writable) {
        whenConnected(upstream -> upstream.config().setAutoRead(writable));
    }

    /** Asks the upstream to cancel the command. */
    public void cancel() {
        login.thenAccept(connected -> connector.cancel(client.eventLoop(), connected));
    }

    /** The client is gone. */
    public void close() {
        State before = state;
        state = new State.Closed(PgException.error(SqlState.CONNECTION_FAILURE, "the client has gone"));
        if (before instanceof State.Connecting connecting) {
            connecting.ahead().forEach(BackupPassthrough::release);
        }
        whenConnected(Channel::close);
    }

    private void lost(PgException error) {
        State before = state;
        state = new State.Closed(error);
        client.config().setAutoRead(true);
        switch (before) {
            case State.Connecting connecting -> {
                connecting.ahead().forEach(BackupPassthrough::release);
                connecting.end().lost(error);
            }
            case State.Running running -> running.end().lost(error);
            case State.Failing failing -> failing.end().lost(error);
            case State.Idle idle -> {}
            case State.Closed closed -> {}
        }
    }

    /** The upstream's messages, to the client. */
    private final class ToClient extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (state instanceof State.Idle || state instanceof State.Closed) {
                ReferenceCountUtil.release(
                        message instanceof BackendMessage.CopyData copyData ? copyData.data() : message);
                return;
            }
            switch (message) {
                case BackendMessage.ReadyForQuery ready -> ready();
                case BackendMessage.ParameterStatus ownMatter -> {}
                case BackendMessage.ErrorResponse error -> {
                    state = new State.Failing(end());
                    client.write(error, client.voidPromise());
                }
                default -> client.write(message, client.voidPromise());
            }
        }

        private void ready() {
            boolean failed = state instanceof State.Failing;
            End end = end();
            state = new State.Idle();
            client.config().setAutoRead(true);
            end.completed(failed);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            client.flush();
            if (!client.isWritable()) {
                ctx.channel().config().setAutoRead(false);
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            client.config().setAutoRead(ctx.channel().isWritable());
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            lost(PgException.error(
                    SqlState.CONNECTION_FAILURE, "the upstream server closed the connection unexpectedly"));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
            lost(PgException.error(
                    SqlState.CONNECTION_FAILURE, "could not receive data from the upstream server: " + message(cause)));
        }
    }
}
