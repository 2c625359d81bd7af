package io.walrelay.proxy.query;

import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** What a session does with the messages that come, and what it was in the midst of when its output was full. */
sealed interface Phase {
    /** Takes the next message. */
    record Ready() implements Phase {}

    /** A message of the extended protocol has failed: all up to Sync is passed over. */
    record Skipping() implements Phase {}

    /** In a simple query: the statements that are left of it, and where the one that runs begins in its text. */
    record Querying(
            String text,
            Iterator<String> statements,
            int offset,
            @Nullable Portal current,
            long rows) implements Phase {}

    /** In an Execute. */
    record Executing(Portal portal, int maxRows, long rows) implements Phase {}

    /** The client has left, or is to. */
    record Terminated() implements Phase {}
}
