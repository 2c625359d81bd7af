package io.walrelay.proxy.upstream;

import io.netty.channel.Channel;
import io.walrelay.proxy.cluster.MirroredServer.Reported;
import io.walrelay.proxy.config.ConnectionInfo;
import io.walrelay.replication.ServerVersion;
import io.walrelay.wire.compression.CompressionStatistics;
import io.walrelay.wire.compression.CopyDecompressor;
import java.util.List;
import java.util.Optional;

/**
 * A connection that is logged in to the upstream as a walreceiver is: idle, between two commands. Whoever has it owns
 * the channel, installs a handler for what comes next, and closes it.
 *
 * @param channel codecs installed; reads stay on
 * @param host where it leads
 * @param hostIndex which of the hosts of primary_conninfo that is
 * @param version the server's
 * @param reported the server's ParameterStatus messages, in their order
 * @param pid and {@code key}: for a CancelRequest
 */
@SuppressWarnings("ArrayRecordComponent") // the key is a secret that is only sent back, never compared
public record UpstreamLogin(
        Channel channel,
        ConnectionInfo.Host host,
        int hostIndex,
        ServerVersion version,
        List<Reported> reported,
        int pid,
        byte[] key) {
    /** Copies the list. */
    public UpstreamLogin {
        reported = List.copyOf(reported);
    }

    /** What decompression has done so far; empty where the server has not agreed to compress. Any thread. */
    public Optional<CompressionStatistics.Figures> compression() {
        return Optional.ofNullable(channel.pipeline().get(CopyDecompressor.class))
                .map(CopyDecompressor::figures);
    }

    @Override
    public String toString() {
        return host.toString();
    }
}
