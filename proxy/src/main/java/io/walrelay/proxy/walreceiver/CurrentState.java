package io.walrelay.proxy.walreceiver;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state that a walreceiver is in, and what has been begun in it: that is gone on with only if no other state has
 * been entered meanwhile. Changed on the upstream loop alone, read by any thread.
 */
final class CurrentState {
    private static final Logger log = LoggerFactory.getLogger(CurrentState.class);

    private final EventLoop loop;
    private volatile WalReceiverState state = new WalReceiverState.Stopped();

    /** Two states may be equal, and yet the second was entered anew. */
    private long transitions;

    CurrentState(EventLoop loop) {
        this.loop = loop;
    }

    WalReceiverState get() {
        return state;
    }

    void enter(WalReceiverState next, String reason) {
        log.debug("walreceiver: {} -> {}: {}", state.title(), next.title(), reason);
        state = next;
        transitions++;
    }

    /** Begins something in this state. */
    Task begin() {
        return new Task(transitions);
    }

    /** Something that was begun in a state. */
    final class Task {
        private final long begun;

        private Task(long begun) {
            this.begun = begun;
        }

        boolean isLeft() {
            return transitions != begun;
        }

        /** Does {@code then} on the upstream loop after a while. */
        void after(Duration delay, Runnable then) {
            loop.schedule(
                    () -> {
                        if (!isLeft()) {
                            then.run();
                        }
                    },
                    delay.toMillis(),
                    TimeUnit.MILLISECONDS);
        }

        /**
         * Does {@code then} on the upstream loop when {@code work} is done.
         *
         * @param left takes the result if the state has been left; a failure is of no interest then
         * @param failed told of a failure of the work, or of what was to come behind it
         */
        <T> void when(
                CompletableFuture<T> work,
                Consumer<? super T> then,
                Consumer<? super T> left,
                Consumer<Throwable> failed) {
            work.handleAsync(
                            (result, failure) -> {
                                if (!isLeft() && failure != null) {
                                    failed.accept(failure);
                                } else if (!isLeft()) {
                                    then.accept(result);
                                } else if (failure == null) {
                                    left.accept(result);
                                }
                                return null;
                            },
                            loop)
                    .exceptionally(defect -> {
                        failed.accept(defect);
                        return null;
                    });
        }
    }
}
