package io.walrelay.proxy.session;

import io.netty.channel.Channel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The connections that have not authenticated yet, bounded in number as {@code authentication_timeout} bounds them in
 * time: who has no password costs no more than that. Any thread.
 */
final class PendingLogins {
    /** As many as a PostgreSQL of default settings lets in at all. */
    static final int SERVED = 100;

    /** As many again are told why they are not served; any more are not listened to. */
    static final int HEARD = 2 * SERVED;

    private final Set<Channel> channels = ConcurrentHashMap.newKeySet();

    /** What becomes of a connection. */
    enum Admission {
        /** It may authenticate. */
        SERVED,
        /** Its start-up message is answered with a refusal. */
        REFUSED,
        /** It is closed at once. */
        CLOSED
    }

    /** Counts a connection until it has authenticated or is closed. */
    Admission add(Channel channel) {
        channels.add(channel);
        channel.closeFuture().addListener(closed -> remove(channel));
        int pending = channels.size();
        if (pending <= SERVED) {
            return Admission.SERVED;
        }
        return pending <= HEARD ? Admission.REFUSED : Admission.CLOSED;
    }

    /** It has authenticated. */
    void remove(Channel channel) {
        channels.remove(channel);
    }
}
