package io.walrelay.proxy.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.transport.Transport;
import io.walrelay.proxy.upstream.UpstreamConnector;
import io.walrelay.proxy.upstream.UpstreamLogin;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.FrontendMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class BackupPassthroughTest {
    private final EmbeddedChannel client = new EmbeddedChannel();
    private final EmbeddedChannel upstream = new EmbeddedChannel();
    private final CompletableFuture<UpstreamLogin> login = new CompletableFuture<>();
    private final BackupPassthrough passthrough =
            new BackupPassthrough(client, new UpstreamConnector(Transport.NIO), login);
    private final ByteBuf manifest = Unpooled.copiedBuffer(new byte[] {1, 2, 3});
    private final Ends end = new Ends();

    private static final class Ends implements BackupPassthrough.End {
        private final List<String> seen = new ArrayList<>();

        @Override
        public void completed(boolean failed) {
            seen.add("completed");
        }

        @Override
        public void lost(PgException error) {
            seen.add("lost " + error.message());
        }

        @Override
        public void clientBroke(PgException error) {
            seen.add("broke " + error.message());
        }

        @Override
        public void clientLeft() {
            seen.add("left");
        }
    }

    @Test
    void whatTheClientSendsBeforeTheUpstreamIsThereFollowsTheCommand() {
        // Given
        passthrough.run("UPLOAD_MANIFEST", end);
        passthrough.onMessage(new FrontendMessage.CopyData(manifest));
        passthrough.onMessage(new FrontendMessage.CopyDone());
        assertThat(client.config().isAutoRead()).isFalse();

        // When
        login.complete(SampleCluster.login(upstream));

        // Then
        assertThat(upstream.<Object>readOutbound()).isEqualTo(new FrontendMessage.Query("UPLOAD_MANIFEST"));
        assertThat(upstream.<Object>readOutbound()).isEqualTo(new FrontendMessage.CopyData(manifest));
        assertThat(upstream.<Object>readOutbound()).isEqualTo(new FrontendMessage.CopyDone());
        assertThat(client.config().isAutoRead()).isTrue();
        manifest.release();
    }

    @Test
    void whatTheClientHasSentIsReleasedWhenTheUpstreamCannotBeReached() {
        // Given
        passthrough.run("UPLOAD_MANIFEST", end);
        passthrough.onMessage(new FrontendMessage.CopyData(manifest));

        // When
        login.completeExceptionally(PgException.error(SqlState.CONNECTION_FAILURE, "refused"));

        // Then
        assertThat(manifest.refCnt()).isZero();
        assertThat(client.config().isAutoRead()).isTrue();
        assertThat(end.seen).containsExactly("lost could not connect to the primary server: refused");
    }

    @Test
    void whatTheClientHasSentIsReleasedWhenItLeaves() {
        // Given
        passthrough.run("UPLOAD_MANIFEST", end);
        passthrough.onMessage(new FrontendMessage.CopyData(manifest));

        // When
        passthrough.close();

        // Then
        assertThat(manifest.refCnt()).isZero();
        login.complete(SampleCluster.login(upstream));
        assertThat(upstream.isOpen()).isFalse();
    }
}
