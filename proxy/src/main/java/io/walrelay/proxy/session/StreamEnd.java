package io.walrelay.proxy.session;

import io.walrelay.proxy.walsender.SendPosition;
import io.walrelay.proxy.walsender.WalSender;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.message.BackendMessage;
import java.util.Optional;

/**
 * What the end of a stream means for its session: it goes on, or ends, without the slot.
 *
 * @param release gives the slot back, if the stream has one
 */
record StreamEnd(Conversation conversation, Commands commands, Runnable release) implements WalSender.End {
    private void leave() {
        release.run();
        conversation.become(new Activity.Idle());
    }

    @Override
    public void copyDone(Optional<SendPosition.Historic> next) {
        leave();
        conversation.answer(commands.endOfStream(next));
    }

    @Override
    public void failed(PgException error) {
        leave();
        conversation.fail(error);
    }

    @Override
    public void fatal(PgException error) {
        leave();
        conversation.fatal(error);
    }

    @Override
    public void closeSilently(String reason) {
        leave();
        conversation.closeSilently(reason);
    }

    @Override
    public void drained() {
        leave();
        conversation.send(new BackendMessage.CommandComplete("COPY 0"));
        conversation.closeAfterFlush();
    }
}
