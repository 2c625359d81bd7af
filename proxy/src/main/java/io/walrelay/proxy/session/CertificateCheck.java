package io.walrelay.proxy.session;

import io.walrelay.proxy.hba.CertificateRule;
import io.walrelay.proxy.hba.HbaMethod;
import io.walrelay.proxy.hba.HbaRule;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.tls.TlsSession;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds a client's certificate, which TLS has verified, against the line of pg_hba.conf. Mirrors {@code CheckCertAuth}.
 */
final class CertificateCheck {
    private static final Logger log = LoggerFactory.getLogger(CertificateCheck.class);

    private final HbaRule rule;
    private final String user;
    private final Optional<TlsSession.ClientCertificate> certificate;

    CertificateCheck(HbaRule rule, String user, Optional<TlsSession> tls) {
        this.rule = rule;
        this.user = user;
        this.certificate = tls.flatMap(TlsSession::client);
    }

    /**
     * Before anything else is asked for: there must be one, if the line wants it.
     *
     * @param canBeChecked whether the relay knows any authorities
     * @throws PgException FATAL F0000 or 28000
     */
    void begin(boolean canBeChecked) {
        if (rule.certificate().check() == CertificateRule.Check.NONE) {
            return;
        }
        if (!canBeChecked) {
            throw PgException.fatal(
                    SqlState.CONFIG_FILE_ERROR,
                    "client certificates can only be checked if a root certificate store is available");
        }
        if (certificate.isEmpty()) {
            throw PgException.fatal(
                    SqlState.INVALID_AUTHORIZATION_SPECIFICATION, "connection requires a valid client certificate");
        }
    }

    /**
     * When all else is well: it must name the user, if the line wants that.
     *
     * @throws PgException FATAL, as the line's method fails
     */
    void end() {
        if (rule.certificate().check() != CertificateRule.Check.VERIFY_FULL) {
            return;
        }
        Optional<String> name = certificate.flatMap(this::name);
        if (name.isEmpty()) {
            log.info(
                    "certificate authentication failed for user \"{}\": client certificate contains no user name",
                    user);
        } else if (!name.get().equals(user)) {
            log.info("provided user name ({}) and authenticated user name ({}) do not match", user, name.get());
            if (rule.method() != HbaMethod.CERT) {
                log.info(
                        "certificate validation (clientcert=verify-full) failed for user \"{}\": {} mismatch",
                        user,
                        rule.certificate().name() == CertificateRule.Name.COMMON_NAME ? "CN" : "DN");
            }
        } else {
            return;
        }
        throw switch (rule.method()) {
            case CERT -> failed("certificate authentication failed for user \"" + user + "\"");
            case SCRAM_SHA_256 -> PgException.passwordFailed(user);
            case TRUST, REJECT -> failed("\"trust\" authentication failed for user \"" + user + "\"");
        };
    }

    private static PgException failed(String words) {
        return PgException.fatal(SqlState.INVALID_AUTHORIZATION_SPECIFICATION, words);
    }

    private Optional<String> name(TlsSession.ClientCertificate shown) {
        return switch (rule.certificate().name()) {
            case COMMON_NAME -> shown.commonName();
            case DISTINGUISHED_NAME -> Optional.of(shown.subjectRfc2253());
        };
    }
}
