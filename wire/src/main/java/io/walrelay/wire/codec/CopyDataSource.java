package io.walrelay.wire.codec;

/** A handler that has CopyData to give. On the channel's event loop. */
public interface CopyDataSource {
    /**
     * Gives CopyData to {@code next} from now on, until {@link #passCopyDataOn}, instead of passing messages of it on.
     * In the same order with other messages, as long as there is no handler in between that keeps any back.
     */
    void giveCopyDataTo(CopyDataTaker next);

    /** Passes CopyData on as messages again. */
    void passCopyDataOn();
}
