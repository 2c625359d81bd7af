package io.walrelay.proxy.syncrep;

/** What counts of one connected standby. */
public record SyncStandby(String applicationName, ReplicationState state, StandbyPositions positions) {}
