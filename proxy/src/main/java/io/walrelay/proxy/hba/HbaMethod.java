package io.walrelay.proxy.hba;

/** The authentication methods of pg_hba.conf that the relay has. */
public enum HbaMethod {
    /** Let in without a password. */
    TRUST,
    /** Turn away. */
    REJECT,
    /** Ask for a password that the auth_file knows. */
    SCRAM_SHA_256,
    /** Believe the client's certificate. */
    CERT
}
