package io.walrelay.proxy.session;

import io.netty.channel.Channel;
import io.walrelay.proxy.cluster.Cluster;

/**
 * An authenticated session.
 *
 * @param kind what it serves
 * @param channel to the client; its event loop owns all of the session's state
 * @param pid unique among the live sessions: clients name temporary slots after it
 * @param key what a CancelRequest must show
 * @param user as the client gave it
 * @param settings that the session sees
 * @param cluster the WAL it is served from, and the server it takes the relay for
 */
@SuppressWarnings("ArrayRecordComponent") // the key is compared with MessageDigest.isEqual
record Session(
        Kind kind, Channel channel, int pid, byte[] key, String user, SessionSettings settings, Cluster.Known cluster) {
    /** PostgreSQL's backend_type. */
    enum Kind {
        WALSENDER("walsender"),
        CLIENT_BACKEND("client backend");

        private final String title;

        Kind(String title) {
            this.title = title;
        }
    }

    @Override
    public String toString() {
        return kind.title + " " + pid + " " + user + " " + channel.remoteAddress();
    }

    int major() {
        return cluster.server().major();
    }
}
