package io.walrelay.bench.client;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.walrelay.wire.message.BackendMessage;
import io.walrelay.wire.message.FrontendMessage;
import io.walrelay.wire.message.StartupPacket;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.concurrent.CompletableFuture;

/** Logs in for replication, and hands over to another handler when the stream begins. Belongs to one channel. */
final class Login extends SimpleChannelInboundHandler<BackendMessage> {
    /** The name of the decoder in the pipeline, which goes when the stream begins. */
    static final String DECODER = "decoder";

    private final String applicationName;
    private final WalReader reader;
    private final CompletableFuture<Void> ready = new CompletableFuture<>();

    Login(String applicationName, WalReader reader) {
        this.applicationName = applicationName;
        this.reader = reader;
    }

    /** Completes when the server is ready for a command. */
    CompletableFuture<Void> ready() {
        return ready;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        SequencedMap<String, String> parameters = new LinkedHashMap<>();
        parameters.put("user", "postgres");
        parameters.put("database", "replication");
        parameters.put("replication", "true");
        parameters.put("application_name", applicationName);
        context.writeAndFlush(new StartupPacket.StartupMessage(3, 0, parameters));
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, BackendMessage message) {
        switch (message) {
            case BackendMessage.ReadyForQuery idle -> ready.complete(null);
            case BackendMessage.ErrorResponse error ->
                fail(new IOException(
                        "the server says: " + error.fields().fields().get('M')));
            case BackendMessage.CopyBothResponse streaming -> {
                context.pipeline().addLast(reader);
                context.pipeline().remove(this);
                context.pipeline().remove(DECODER);
            }
            default -> {}
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        fail(new IOException("the server closed the connection"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        fail(new IOException(cause));
    }

    /** A query that begins a stream. */
    static FrontendMessage startReplication(String from) {
        return new FrontendMessage.Query("START_REPLICATION " + from + " TIMELINE 1");
    }

    private void fail(IOException reason) {
        ready.completeExceptionally(reason);
        reader.end(reason);
    }
}
