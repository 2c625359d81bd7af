package io.walrelay.proxy.session;

import io.walrelay.proxy.backup.BackupPassthrough;
import io.walrelay.proxy.slot.ReplicationSlot;
import io.walrelay.proxy.walsender.WalSender;
import io.walrelay.wire.message.FrontendMessage;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/** What a session is doing between two messages. */
sealed interface Activity {
    /** Waits for a command. */
    record Idle() implements Activity {}

    /** Has refused a message of the extended protocol; the rest of its batch is passed over. */
    record SkippingToSync() implements Activity {}

    /** Waits for the disk or for another session; what the client sends meanwhile waits, too. */
    record Waiting(Deque<FrontendMessage> meanwhile) implements Activity {
        Waiting() {
            this(new ArrayDeque<>());
        }
    }

    /**
     * The client does not take its answers; what it sends meanwhile waits, as behind a server that blocks in send().
     */
    record Blocked(Deque<FrontendMessage> meanwhile) implements Activity {
        Blocked() {
            this(new ArrayDeque<>());
        }
    }

    /** Streams WAL; {@code slot} is acquired as long as it does. */
    record Streaming(WalSender sender, Optional<ReplicationSlot> slot) implements Activity {}

    /**
     * The upstream answers in our place; what the client sends meanwhile waits, as behind a server that sends a backup.
     */
    record Backup(BackupPassthrough passthrough, Deque<FrontendMessage> meanwhile) implements Activity {
        Backup(BackupPassthrough passthrough) {
            this(passthrough, new ArrayDeque<>());
        }
    }

    /** The upstream answers in our place, and takes what the client sends, to the end of its COPY. */
    record Upload(BackupPassthrough passthrough) implements Activity {}

    /**
     * The console answers in SQL; what the client sends meanwhile waits, as behind a server that carries out a
     * statement.
     */
    record Querying(Deque<FrontendMessage> meanwhile) implements Activity {
        Querying() {
            this(new ArrayDeque<>());
        }
    }

    /** There is more of such an answer than the client takes now. */
    record Unsent(Deque<FrontendMessage> meanwhile) implements Activity {}

    /** Nothing more is read or sent. */
    record Closed() implements Activity {}
}
