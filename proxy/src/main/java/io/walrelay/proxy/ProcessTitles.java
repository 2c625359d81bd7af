package io.walrelay.proxy;

import io.netty.channel.EventLoop;
import io.walrelay.proxy.cluster.Cluster;
import io.walrelay.proxy.systemd.NotifySocket;
import io.walrelay.proxy.transport.ThreadTitle;
import io.walrelay.proxy.walreceiver.WalReceiver;
import io.walrelay.proxy.walsender.SenderStatus;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Shows what PostgreSQL's processes show in {@code ps}, {@code walsender standby1 streaming 0/3000060} and the like: in
 * the names of threads and in systemd's status line. On the maintenance thread, from time to time.
 */
final class ProcessTitles implements Runnable {
    private final Cluster cluster;
    private final StandIn standIn;
    private final WalReceiver walReceiver;
    private final EventLoop upstreamLoop;
    private final ThreadTitle upstreamTitle;
    private final NotifySocket serviceManager;

    ProcessTitles(
            Cluster cluster,
            StandIn standIn,
            WalReceiver walReceiver,
            EventLoop upstreamLoop,
            NotifySocket serviceManager) {
        this.cluster = cluster;
        this.standIn = standIn;
        this.walReceiver = walReceiver;
        this.upstreamLoop = upstreamLoop;
        this.upstreamTitle = new ThreadTitle(upstreamLoop);
        this.serviceManager = serviceManager;
    }

    @Override
    public void run() {
        String receiver = walReceiver.title();
        upstreamLoop.execute(() -> upstreamTitle.show(receiver));
        Optional<Cluster.Known> known = cluster.known();
        known.ifPresent(now -> standIn.wakeups(now.wal()).nameThreads());
        Stream<String> senders = known.stream()
                .flatMap(now -> standIn.replication(now.wal()).senders().stream())
                .map(SenderStatus::title);
        serviceManager.status(Stream.concat(Stream.of(receiver), senders).collect(Collectors.joining("; ")));
    }
}
