package io.walrelay.wire.tls;

import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertStore;
import java.security.cert.CertificateException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Which peers' certificates are trusted: those that lead to a self-signed certificate of a file, by way of what the
 * peer sends and what else the file holds. With revocation lists, each certificate of the way must be covered by one,
 * as with OpenSSL's {@code X509_V_FLAG_CRL_CHECK_ALL}. The name of the peer is not looked at here.
 */
public final class CertificateTrust extends X509ExtendedTrustManager {
    private final X509ExtendedTrustManager pkix;
    private final List<X509Certificate> roots;

    private CertificateTrust(X509ExtendedTrustManager pkix, List<X509Certificate> roots) {
        this.pkix = pkix;
        this.roots = List.copyOf(roots);
    }

    /** The certificates of a file: {@code ssl_ca_file}, {@code sslrootcert}. */
    public static List<X509Certificate> certificates(Path file) throws TlsFileException {
        return PemFile.read(file).authorities();
    }

    /** The revocation lists of a file: {@code ssl_crl_file}, {@code sslcrl}. */
    public static List<X509CRL> revocationLists(Path file) throws TlsFileException {
        return PemFile.read(file).revocationLists();
    }

    /**
     * Trusts what leads to one of these. Without revocation lists, nothing counts as revoked.
     *
     * @throws TlsFileException if none of them is self-signed, so that nobody could be trusted
     */
    public static CertificateTrust of(List<X509Certificate> certificates, List<X509CRL> revocationLists)
            throws TlsFileException {
        Set<TrustAnchor> anchors = certificates.stream()
                .filter(VerifyFailure::isSelfSigned)
                .map(root -> new TrustAnchor(root, null))
                .collect(Collectors.toSet());
        if (anchors.isEmpty()) {
            throw new TlsFileException("it holds no self-signed certificate");
        }
        try {
            PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, new X509CertSelector());
            Collection<Object> known = new ArrayList<>(certificates);
            known.addAll(revocationLists);
            parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(known)));
            parameters.setRevocationEnabled(!revocationLists.isEmpty());
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(new CertPathTrustManagerParameters(parameters));
            return new CertificateTrust((X509ExtendedTrustManager) factory.getTrustManagers()[0], certificates);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has PKIX", e);
        }
    }

    /** Trusts what the Java platform trusts: {@code sslrootcert=system}. */
    public static CertificateTrust ofSystem() {
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init((KeyStore) null);
            X509ExtendedTrustManager manager = (X509ExtendedTrustManager) factory.getTrustManagers()[0];
            return new CertificateTrust(manager, List.of(manager.getAcceptedIssuers()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has PKIX", e);
        }
    }

    /** One way to ask a trust manager. */
    private interface Check {
        void by(X509ExtendedTrustManager pkix) throws CertificateException;
    }

    private void check(X509Certificate[] chain, Check check) throws CertificateException {
        try {
            check.by(pkix);
        } catch (CertificateException e) {
            throw VerifyFailure.of(chain, e);
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain, trust -> trust.checkClientTrusted(chain, authType));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain, trust -> trust.checkClientTrusted(chain, authType, engine));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        check(chain, trust -> trust.checkClientTrusted(chain, authType, socket));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain, trust -> trust.checkServerTrusted(chain, authType));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain, trust -> trust.checkServerTrusted(chain, authType, engine));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        check(chain, trust -> trust.checkServerTrusted(chain, authType, socket));
    }

    /** All certificates of the file: a client that has several sends one that they have issued. */
    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return roots.toArray(X509Certificate[]::new);
    }
}
