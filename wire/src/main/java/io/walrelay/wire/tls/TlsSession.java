package io.walrelay.wire.tls;

import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * What was agreed on a connection, as {@code pg_stat_ssl} shows it.
 *
 * @param version of the protocol, such as TLSv1.3
 * @param cipher OpenSSL's name of the suite
 * @param bits of its key
 * @param client the certificate of the client, which was verified
 */
public record TlsSession(String version, String cipher, int bits, Optional<ClientCertificate> client) {
    /**
     * Who the client has proved to be.
     *
     * @param commonName of the subject, if it has one
     * @param subject with slashes
     * @param subjectRfc2253 with commas, for {@code clientname=DN}
     * @param serial of the certificate, in decimal when it is shown
     * @param issuer with slashes
     */
    public record ClientCertificate(
            Optional<String> commonName, String subject, String subjectRfc2253, BigInteger serial, String issuer) {
        static ClientCertificate of(X509Certificate certificate) {
            return new ClientCertificate(
                    DistinguishedName.commonName(certificate.getSubjectX500Principal()),
                    DistinguishedName.slashes(certificate.getSubjectX500Principal()),
                    DistinguishedName.rfc2253(certificate.getSubjectX500Principal()),
                    certificate.getSerialNumber(),
                    DistinguishedName.slashes(certificate.getIssuerX500Principal()));
        }
    }

    /** Of a server's session, after its handshake. */
    public static TlsSession of(SSLSession session) {
        Optional<CipherSuite> suite = CipherSuite.registered(session.getCipherSuite());
        return new TlsSession(
                session.getProtocol(),
                suite.map(CipherSuite::openSsl).orElse(session.getCipherSuite()),
                suite.map(CipherSuite::bits).orElse(0),
                client(session));
    }

    private static Optional<ClientCertificate> client(SSLSession session) {
        try {
            return Optional.of(ClientCertificate.of((X509Certificate) session.getPeerCertificates()[0]));
        } catch (SSLPeerUnverifiedException none) {
            return Optional.empty();
        }
    }
}
