package io.walrelay.proxy.simulation;

import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.wal.DiskGuard;
import io.walrelay.proxy.wal.DiskGuard.Limits;
import java.util.random.RandomGenerator;

/** What the operator of a relay has set for it, and changes while it runs. */
final class Operator {
    /** What becomes of slots that hold much. */
    enum SlotPolicy {
        /** They hold what they hold. */
        KEEP,
        /** {@code wal_disk_action = invalidate} */
        INVALIDATE_AT_DISK_LIMIT,
        /** {@code max_slot_wal_keep_size} */
        LIMIT_SLOTS
    }

    private final SlotPolicy slots;
    private final Configuration configuration;
    private DiskGuard.Limits limits = Limits.NONE;

    Operator(SlotPolicy slots) {
        this.slots = slots;
        this.configuration = switch (slots) {
            case KEEP -> SampleCluster.configuration();
            case INVALIDATE_AT_DISK_LIMIT -> SampleCluster.configuration("wal_disk_action=invalidate");
            case LIMIT_SLOTS -> SampleCluster.configuration("max_slot_wal_keep_size=2MB");
        };
    }

    /** One of the operators there are. */
    static Operator any(RandomGenerator random) {
        return new Operator(SlotPolicy.values()[random.nextInt(SlotPolicy.values().length)]);
    }

    Configuration configuration() {
        return configuration;
    }

    /** Whether slots may lose what they hold. */
    boolean mayInvalidate() {
        return slots != SlotPolicy.KEEP;
    }

    DiskGuard.Limits limits() {
        return limits;
    }

    /** Allows pg_wal this many segments, from now on. */
    void allow(int segments) {
        limits = new DiskGuard.Limits((long) segments * SampleCluster.SEGMENT, 0);
    }

    /** Allows pg_wal all that there is. */
    void allowAll() {
        limits = Limits.NONE;
    }
}
