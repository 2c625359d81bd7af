package io.walrelay.proxy.walsender;

import java.time.Instant;
import java.util.Optional;

/** Clients of which nothing but their names matters. */
final class SampleClients {
    private SampleClients() {}

    static SenderClient named(String applicationName) {
        return new SenderClient(
                42,
                "u",
                applicationName,
                Optional.empty(),
                Optional.empty(),
                -1,
                Instant.parse("2024-05-01T10:00:00Z"),
                Optional.empty());
    }
}
