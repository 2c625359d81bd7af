package io.walrelay.proxy.session;

import io.netty.channel.Channel;
import io.walrelay.proxy.slot.SlotRegistry;
import io.walrelay.replication.Lsn;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.message.BackendMessage;
import io.walrelay.wire.message.ErrorFields;
import io.walrelay.wire.message.FrontendMessage;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.MarkerFactory;

/**
 * What a session is doing, what it tells its client, and its ways to go on or to end. Owns the {@link Activity}. On the
 * client's event loop, {@link #holding} excepted.
 */
final class Conversation {
    private static final Logger log = LoggerFactory.getLogger(Conversation.class);

    private static final Marker FATAL = MarkerFactory.getMarker("FATAL");

    private final Session session;
    private final Channel channel;
    private final IdleTimeout idle;
    private final SlotRegistry slots;
    private final Consumer<FrontendMessage> receiver;
    private final Optional<SqlBackend> sql;

    private volatile Activity activity = new Activity.Idle();

    /**
     * A session that waits for its first command.
     *
     * @param slots of which the session gives back what it has when it ends
     * @param receiver of what had to wait
     * @param sql of a session with a database; it has transactions, and ends with the session
     */
    Conversation(Session session, SlotRegistry slots, Consumer<FrontendMessage> receiver, Optional<SqlBackend> sql) {
        this.session = session;
        this.channel = session.channel();
        this.slots = slots;
        this.receiver = receiver;
        this.sql = sql;
        this.idle = new IdleTimeout(channel.eventLoop(), this::fatal);
    }

    Activity activity() {
        return activity;
    }

    boolean isClosed() {
        return activity instanceof Activity.Closed;
    }

    void become(Activity next) {
        activity = next;
    }

    /** From where on the client still needs WAL, if it streams without a slot; any thread. */
    Optional<Lsn> holding() {
        // A slot holds WAL by itself, and is limited; what it holds is not held twice.
        return activity instanceof Activity.Streaming streaming
                        && streaming.slot().isEmpty()
                ? Optional.of(streaming.sender().sent())
                : Optional.empty();
    }

    void send(BackendMessage message) {
        channel.write(message, channel.voidPromise());
    }

    void readyForQuery() {
        char status = transactionStatus();
        awaitClient();
        channel.writeAndFlush(
                status == 'I' ? BackendMessage.ReadyForQuery.IDLE : new BackendMessage.ReadyForQuery((byte) status),
                channel.voidPromise());
    }

    /** Bounds the wait for the next command. */
    void awaitClient() {
        sql.ifPresentOrElse(idle::begin, () -> idle.begin(session.settings().idleSessionTimeout()));
    }

    /** The next command has come, or a part of it. */
    void clientIsHere() {
        idle.end();
    }

    /** {@code I} outside of a transaction block, {@code T} in one, {@code E} in one that has failed. */
    char transactionStatus() {
        return sql.map(SqlBackend::transactionStatus).orElse('I');
    }

    void answer(List<BackendMessage> messages) {
        messages.forEach(this::send);
        done();
    }

    /** The command is carried out. */
    void done() {
        activity = new Activity.Idle();
        readyForQuery();
    }

    /** Answers no more until the client has taken what it was answered. */
    void block(FrontendMessage message) {
        Activity.Blocked blocked = new Activity.Blocked();
        blocked.meanwhile().add(message);
        activity = blocked;
        channel.config().setAutoRead(false);
    }

    /** Waits for work off the event loop; the client's next commands wait with it. */
    void await(CompletableFuture<List<BackendMessage>> work) {
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
    void goOn(Deque<FrontendMessage> meanwhile, Runnable answer) {
        channel.config().setAutoRead(true);
        activity = new Activity.Idle();
        answer.run();
        meanwhile.forEach(receiver);
    }

    private static PgException reason(Throwable failure) {
        return PgException.of(failure, defect -> log.error("unexpected failure of a replication command", defect));
    }

    /** Ends the command: the client is told, temporary slots go, and the session waits for the next. */
    void fail(PgException error) {
        error(error);
        done();
    }

    /** An error in a batch of extended messages: the rest of it is passed over. */
    void skipBatch(PgException error) {
        error(error);
        channel.flush();
        activity = new Activity.SkippingToSync();
    }

    private void error(PgException error) {
        slots.dropTemporary(session.pid());
        sql.ifPresent(SqlBackend::failTransaction);
        log.error(
                "{}: {}{}",
                session,
                error.message(),
                error.detail().map(detail -> "\nDETAIL:  " + detail).orElse(""));
        send(new BackendMessage.ErrorResponse(ErrorFields.from(error)));
    }

    void fatal(PgException error) {
        log.error(FATAL, "{}: {}", session, error.message());
        send(new BackendMessage.ErrorResponse(ErrorFields.from(error.asFatal())));
        closeAfterFlush();
    }

    void closeSilently(String reason) {
        log.info("{}: {}", session, reason);
        close();
    }

    void closeAfterFlush() {
        leave();
        LastWords.thenClose(channel);
    }

    void close() {
        leave();
        channel.close();
    }

    /** Gives back what the session has, whatever it was doing. */
    void leave() {
        idle.end();
        Activity before = activity;
        activity = new Activity.Closed();
        switch (before) {
            case Activity.Streaming streaming -> {
                streaming.sender().closed();
                streaming.slot().ifPresent(slots::release);
            }
            case Activity.Waiting waiting -> waiting.meanwhile().forEach(Conversation::release);
            case Activity.Blocked blocked -> blocked.meanwhile().forEach(Conversation::release);
            case Activity.Idle idle -> {}
            case Activity.SkippingToSync skipping -> {}
            case Activity.Backup passedThrough -> passedThrough.meanwhile().forEach(Conversation::release);
            case Activity.Upload upload -> {}
            case Activity.Querying querying -> querying.meanwhile().forEach(Conversation::release);
            case Activity.Unsent unsent -> unsent.meanwhile().forEach(Conversation::release);
            case Activity.Closed closed -> {}
        }
        sql.ifPresent(SqlBackend::close);
    }

    /** Passes over a message. */
    static void release(FrontendMessage message) {
        if (message instanceof FrontendMessage.CopyData copyData) {
            copyData.data().release();
        }
    }
}
