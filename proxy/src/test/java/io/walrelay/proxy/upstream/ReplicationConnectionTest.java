package io.walrelay.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.wire.message.BackendMessage;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class ReplicationConnectionTest {
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final ReplicationConnection connection = new ReplicationConnection(SampleCluster.login(channel));

    private void pass(long seconds) {
        channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
    }

    @Test
    void aCommandThatIsNotAnsweredEndsTheConnection() {
        // Given
        channel.freezeTime();
        CompletableFuture<CommandResult> answer = connection.query("IDENTIFY_SYSTEM");

        // When
        pass(ReplicationConnection.COMMAND_TIMEOUT);

        // Then
        assertThat(answer).isCompletedExceptionally();
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void anAnsweredCommandHasNoDeadline() {
        // Given
        channel.freezeTime();
        CompletableFuture<CommandResult> answer = connection.query("IDENTIFY_SYSTEM");
        channel.writeInbound(BackendMessage.ReadyForQuery.IDLE);

        // When
        pass(ReplicationConnection.COMMAND_TIMEOUT);

        // Then
        assertThat(answer).isCompleted();
        assertThat(channel.isOpen()).isTrue();
        channel.close();
    }

    @Test
    void aConnectionThatWasLostBeforeItWasTakenOverRunsNothing() {
        // Given
        channel.pipeline().remove(connection);
        channel.close();
        ReplicationConnection late = new ReplicationConnection(SampleCluster.login(channel));

        // When
        CompletableFuture<CommandResult> answer = late.query("IDENTIFY_SYSTEM");

        // Then
        assertThat(answer).isCompletedExceptionally();
    }
}
