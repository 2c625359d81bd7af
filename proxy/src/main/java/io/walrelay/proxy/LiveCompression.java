package io.walrelay.proxy;

import io.walrelay.proxy.console.state.CompressionState;
import io.walrelay.proxy.walreceiver.WalReceiverStatus;
import io.walrelay.proxy.walsender.SenderStatus;
import io.walrelay.wire.compression.CompressionOption;
import io.walrelay.wire.compression.CompressionStatistics;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The streams that are compressed, as the console sees them. */
final class LiveCompression {
    private LiveCompression() {}

    /** Those among the relay's connections now: the upstream's before those of the clients. */
    static List<CompressionState> of(Optional<WalReceiverStatus> receiver, List<SenderStatus> senders) {
        Stream<CompressionState> received = receiver
                .flatMap(status -> status.compression()
                        .map(figures -> state((int) status.pid(), "walreceiver", Optional.empty(), figures)))
                .stream();
        Stream<CompressionState> sent = senders.stream()
                .flatMap(sender -> sender
                        .compression()
                        .map(figures -> state(
                                sender.client().pid(),
                                "walsender",
                                Optional.of(sender.client().applicationName()),
                                figures))
                        .stream());
        return Stream.concat(received, sent).toList();
    }

    private static CompressionState state(
            int pid, String backendType, Optional<String> applicationName, CompressionStatistics.Figures figures) {
        return new CompressionState(
                pid,
                backendType,
                applicationName,
                CompressionOption.METHOD,
                figures.level(),
                figures.rawBytes(),
                figures.wireBytes(),
                figures.nanos());
    }
}
