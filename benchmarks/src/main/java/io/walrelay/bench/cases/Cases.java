package io.walrelay.bench.cases;

import java.util.List;

/** All that can be measured. */
public final class Cases {
    /** In the order in which they are measured and told. */
    public static final List<BenchCase> ALL = List.of(
            new Ingest(),
            new FanOut(false),
            new FanOut(true),
            new Live(),
            new Latency(),
            new SyncCommit(),
            new Rest(),
            new Wan(),
            new Parts());

    private Cases() {}
}
