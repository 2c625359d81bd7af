package io.walrelay.proxy.syncrep;

/**
 * One connected standby, as far as it decides on who is synchronous.
 *
 * @param tellsFlush whether it has said what it has flushed, of WAL that counts
 */
record SyncStandby(String applicationName, ReplicationState state, boolean tellsFlush) {}
