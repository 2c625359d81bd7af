package io.walrelay.proxy.console.state;

import java.util.Optional;

/**
 * The disk of the WAL.
 *
 * @param walBytes what the segment files take
 * @param limitBytes {@code wal_disk_limit}; negative for none
 * @param freeBytes of the file system
 * @param haltBytes what is kept free
 * @param refusal why no further segment may be begun
 */
public record DiskState(long walBytes, long limitBytes, long freeBytes, long haltBytes, Optional<String> refusal) {}
