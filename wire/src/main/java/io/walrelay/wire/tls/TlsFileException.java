package io.walrelay.wire.tls;

/** A file of certificates or keys cannot be used. The message is what OpenSSL, or the operating system, says of it. */
public final class TlsFileException extends Exception {
    private static final long serialVersionUID = 1L;

    TlsFileException(String reason) {
        super(reason);
    }

    TlsFileException(String reason, Throwable cause) {
        super(reason, cause);
    }

    /** Why, without the file's name. */
    public String reason() {
        return String.valueOf(getMessage());
    }
}
