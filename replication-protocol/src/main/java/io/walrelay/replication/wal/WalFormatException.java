package io.walrelay.replication.wal;

import io.walrelay.replication.Lsn;

/** WAL that is not valid. The message is in PostgreSQL's words, those of its newest version. */
public final class WalFormatException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final long lsn;

    WalFormatException(long lsn, String message) {
        super(message);
        this.lsn = lsn;
    }

    /** Where it is not: the start of the record, or of the page. */
    public Lsn lsn() {
        return new Lsn(lsn);
    }

    /** What is wrong. */
    public String message() {
        return String.valueOf(getMessage());
    }
}
