package io.walrelay.proxy.syncrep;

/** How the synchronous standbys are chosen from the list ({@code SYNC_REP_PRIORITY} and {@code SYNC_REP_QUORUM}). */
public enum SyncMethod {
    /** {@code FIRST n (...)}, {@code n (...)} or a bare list: those that stand first in the list. */
    PRIORITY,
    /** {@code ANY n (...)}: any of the list. */
    QUORUM
}
