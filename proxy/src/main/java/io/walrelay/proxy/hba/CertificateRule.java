package io.walrelay.proxy.hba;

import java.util.ArrayList;
import java.util.List;

/**
 * What a line of pg_hba.conf wants of a client's certificate: {@code clientcert} and {@code clientname}.
 *
 * @param check whether there must be one, and whom it must name
 * @param name which of its names that is
 */
public record CertificateRule(Check check, Name name) {
    /** None is wanted. */
    static final CertificateRule NONE = new CertificateRule(Check.NONE, Name.COMMON_NAME);

    /** How strictly. */
    public enum Check {
        NONE,
        /** It must lead to one of ssl_ca_file. */
        VERIFY_CA,
        /** And name the user. */
        VERIFY_FULL
    }

    /** Which name must be the user's. */
    public enum Name {
        COMMON_NAME,
        /** The whole of the subject, as RFC 2253 writes it. */
        DISTINGUISHED_NAME
    }

    /** As the options of {@code pg_hba_file_rules} show it. */
    List<String> shown() {
        List<String> options = new ArrayList<>();
        if (name == Name.DISTINGUISHED_NAME) {
            options.add("clientname=DN");
        }
        if (check != Check.NONE) {
            options.add("clientcert=" + (check == Check.VERIFY_CA ? "verify-ca" : "verify-full"));
        }
        return options;
    }
}
