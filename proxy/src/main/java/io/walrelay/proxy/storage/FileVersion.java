package io.walrelay.proxy.storage;

/**
 * What tells whether a file is still the one it was, and whether anybody has written to it since: for who has read it,
 * and does not want to read it again. What a medium changes by itself changes nothing of this.
 *
 * @param file which file it is, whatever its name: device and inode
 * @param size in bytes
 * @param changed when it was last written to or renamed, in nanoseconds, of a clock that may tick in milliseconds only:
 *     the {@code st_ctime} of stat(2), which nobody can set back
 */
public record FileVersion(Object file, long size, long changed) {}
