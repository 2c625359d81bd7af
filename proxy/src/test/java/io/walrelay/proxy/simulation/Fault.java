package io.walrelay.proxy.simulation;

/**
 * What happens at an operation of the disk. One that does not fit the operation (a short write where a directory is
 * synced) waits for the next that it fits.
 */
enum Fault {
    /** Some of a write reaches the file, then it fails. */
    SHORT_WRITE,
    /** A write fails, with nothing written. */
    WRITE_ERROR,
    /** An fsync fails, of a file or a directory: what was not durable is dropped, and a second fsync succeeds. */
    SYNC_ERROR,
    /** A read fails, once. */
    READ_ERROR,
    /** Nothing can be written or created, this once. */
    NO_SPACE,
    /** Nothing can be written or created for a while. */
    NO_SPACE_FOR_LONG,
    /** Nothing can be written or created for a while, and the file system says that it has room (EDQUOT). */
    NO_QUOTA,
    /** The machine stops before the operation. */
    CRASH
}
