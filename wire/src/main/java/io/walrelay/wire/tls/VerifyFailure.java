package io.walrelay.wire.tls;

import io.netty.handler.ssl.OpenSslCertificateException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.PKIXReason;
import java.security.cert.X509Certificate;
import javax.security.auth.x500.X500Principal;

/**
 * Why a chain of certificates was refused: OpenSSL's code, which decides the alert that the peer gets, and its words.
 */
enum VerifyFailure {
    UNABLE_TO_GET_CRL(3, "unable to get certificate CRL"),
    SIGNATURE(7, "certificate signature failure"),
    NOT_YET_VALID(9, "certificate is not yet valid"),
    EXPIRED(10, "certificate has expired"),
    SELF_SIGNED(18, "self-signed certificate"),
    SELF_SIGNED_IN_CHAIN(19, "self-signed certificate in certificate chain"),
    NO_ISSUER(20, "unable to get local issuer certificate"),
    REVOKED(23, "certificate revoked"),
    PURPOSE(26, "unsuitable certificate purpose");

    private final int code;
    private final String words;

    VerifyFailure(int code, String words) {
        this.code = code;
        this.words = words;
    }

    /** What Java found, as OpenSSL would tell it. */
    static OpenSslCertificateException of(X509Certificate[] chain, CertificateException cause) {
        VerifyFailure failure = reason(chain, cause);
        return new OpenSslCertificateException(failure.words, cause, failure.code);
    }

    private static VerifyFailure reason(X509Certificate[] chain, CertificateException cause) {
        for (Throwable t = cause; t != null; t = t.getCause()) {
            switch (t) {
                case CertificateExpiredException expired -> {
                    return EXPIRED;
                }
                case CertificateNotYetValidException early -> {
                    return NOT_YET_VALID;
                }
                case CertPathValidatorException path -> {
                    if (path.getReason() instanceof BasicReason reason && reason != BasicReason.UNSPECIFIED) {
                        return of(reason);
                    }
                    if (path.getReason() == PKIXReason.INVALID_KEY_USAGE) {
                        return PURPOSE;
                    }
                }
                default -> {}
            }
        }
        if (String.valueOf(cause.getMessage()).contains("xtended key usage")) {
            return PURPOSE;
        }
        X509Certificate last = chain[chain.length - 1];
        if (!isSelfSigned(last)) {
            return NO_ISSUER;
        }
        return chain.length == 1 ? SELF_SIGNED : SELF_SIGNED_IN_CHAIN;
    }

    private static VerifyFailure of(BasicReason reason) {
        return switch (reason) {
            case EXPIRED -> EXPIRED;
            case NOT_YET_VALID -> NOT_YET_VALID;
            case REVOKED -> REVOKED;
            case UNDETERMINED_REVOCATION_STATUS -> UNABLE_TO_GET_CRL;
            case INVALID_SIGNATURE, ALGORITHM_CONSTRAINED -> SIGNATURE;
            case UNSPECIFIED -> NO_ISSUER;
        };
    }

    /** It names itself as its issuer: such a one ends every chain. */
    static boolean isSelfSigned(X509Certificate certificate) {
        X500Principal subject = certificate.getSubjectX500Principal();
        return subject.equals(certificate.getIssuerX500Principal());
    }
}
