package io.walrelay.proxy.slot;

import java.util.Arrays;
import java.util.Optional;

/** Why a slot keeps no WAL any more: {@code invalidation_reason} of pg_replication_slots. */
public enum SlotInvalidation {
    /** It fell further behind than {@code max_slot_wal_keep_size} allows. */
    WAL_REMOVED(1, "wal_removed"),
    /** Nobody used it for longer than {@code idle_replication_slot_timeout}. */
    IDLE_TIMEOUT(2, "idle_timeout");

    private final int code;
    private final String reason;

    SlotInvalidation(int code, String reason) {
        this.code = code;
        this.reason = reason;
    }

    /** As the slot's file says it. */
    int code() {
        return code;
    }

    /** As PostgreSQL shows it. */
    public String reason() {
        return reason;
    }

    static Optional<SlotInvalidation> ofCode(int code) {
        return Arrays.stream(values()).filter(cause -> cause.code == code).findFirst();
    }
}
