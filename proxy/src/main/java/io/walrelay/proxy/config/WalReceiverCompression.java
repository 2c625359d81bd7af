package io.walrelay.proxy.config;

/** What the upstream is asked to compress WAL with, if it is a relay. */
public enum WalReceiverCompression {
    /** Nothing. */
    OFF,
    /** One stream of zstd for each stream of WAL. */
    ZSTD
}
