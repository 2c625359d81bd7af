package io.walrelay.proxy.console.state;

import io.walrelay.replication.Lsn;

/** A reason to keep WAL from {@code from} on. */
public record HoldState(String reason, Lsn from) {}
