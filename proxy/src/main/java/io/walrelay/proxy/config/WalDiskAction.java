package io.walrelay.proxy.config;

/** What to do when there is no room for more WAL. */
public enum WalDiskAction {
    /** Stop receiving; the upstream's slot holds the WAL. */
    HALT,
    /** Invalidate the slots that hold most WAL first, and stop receiving only if that makes no room. */
    INVALIDATE
}
