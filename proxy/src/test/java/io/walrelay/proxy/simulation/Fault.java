package io.walrelay.proxy.simulation;

/**
 * What happens at an operation of the disk. One that does not fit the operation (a short write where a directory is
 * synced) waits for the next that it fits.
 */
enum Fault {
    /** Some of a write reaches the file, then it fails. */
    SHORT_WRITE(true),
    /** A write fails, with nothing written. */
    WRITE_ERROR(true),
    /** An fsync fails, of a file or a directory: what was not durable is dropped, and a second fsync succeeds. */
    SYNC_ERROR(false),
    /** Nothing can be written or created, this once. */
    NO_SPACE(true),
    /** Nothing can be written or created for a while. */
    NO_SPACE_FOR_LONG(true),
    /** The machine stops before the operation. */
    CRASH(false);

    private final boolean survived;

    Fault(boolean survived) {
        this.survived = survived;
    }

    /** Whether the program is to go on. */
    boolean isSurvived() {
        return survived;
    }
}
