package io.walrelay.proxy.tls;

import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.ConfigurationException;
import io.walrelay.proxy.config.Problem;
import io.walrelay.proxy.config.Settings;
import io.walrelay.wire.tls.CertificateTrust;
import io.walrelay.wire.tls.CipherString;
import io.walrelay.wire.tls.Identity;
import io.walrelay.wire.tls.ServerContext;
import io.walrelay.wire.tls.TlsFileException;
import io.walrelay.wire.tls.TlsVersion;
import java.nio.file.Path;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@code ssl} and the settings beside it say (PostgreSQL: Secure TCP/IP Connections with SSL; {@code
 * be_tls_init}). Where PostgreSQL gives up at the first bad file, all that is wrong is told.
 */
public final class ServerTls {
    private final Configuration configuration;
    private final List<Problem> problems = new ArrayList<>();

    private ServerTls(Configuration configuration) {
        this.configuration = configuration;
    }

    /**
     * What connections are encrypted with; empty where {@code ssl} is off.
     *
     * @throws ConfigurationException with every problem of the files and settings
     */
    public static Optional<ServerContext> load(Configuration configuration) throws ConfigurationException {
        return configuration.get(Settings.SSL) ? Optional.of(new ServerTls(configuration).load()) : Optional.empty();
    }

    private ServerContext load() throws ConfigurationException {
        Identity identity = identity();
        Optional<CertificateTrust> trust = trust();
        TlsVersion least = configuration.get(Settings.SSL_MIN_PROTOCOL_VERSION).orElse(TlsVersion.TLS_1_0);
        TlsVersion most = configuration.get(Settings.SSL_MAX_PROTOCOL_VERSION).orElse(TlsVersion.TLS_1_3);
        if (least.compareTo(most) > 0) {
            problems.add(new Problem(
                    "could not set SSL protocol version range",
                    Optional.of("\"ssl_min_protocol_version\" cannot be higher than \"ssl_max_protocol_version\""),
                    Optional.empty()));
        }
        String ciphers = configuration.get(Settings.SSL_CIPHERS);
        if (!CipherString.isUsable(ciphers)) {
            problems.add(Problem.of("could not set the cipher list (no valid ciphers available)"));
        }
        if (identity == null || !problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        try {
            return ServerContext.of(identity, trust, least, most, ciphers);
        } catch (SSLException e) {
            throw new ConfigurationException(
                    List.of(Problem.of("could not create SSL context: %s".formatted(e.getMessage()))));
        }
    }

    private @Nullable Identity identity() {
        Path certificateFile = configuration.get(Settings.SSL_CERT_FILE);
        Path keyFile = configuration.get(Settings.SSL_KEY_FILE);
        List<X509Certificate> chain = List.of();
        try {
            chain = Identity.chain(certificateFile);
        } catch (TlsFileException e) {
            problems.add(Problem.of(
                    "could not load server certificate file \"%s\": %s".formatted(certificateFile, e.reason())));
        }
        Optional<Problem> permissions = KeyFile.problemOfServer(keyFile);
        if (permissions.isPresent()) {
            problems.add(permissions.get());
            return null;
        }
        try {
            return chain.isEmpty() ? null : Identity.read(chain, keyFile, null);
        } catch (TlsFileException e) {
            problems.add(Problem.of("could not load private key file \"%s\": %s".formatted(keyFile, e.reason())));
            return null;
        }
    }

    private Optional<CertificateTrust> trust() {
        Optional<Path> rootFile = configuration.get(Settings.SSL_CA_FILE);
        List<X509CRL> revoked = revocationLists();
        if (rootFile.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(CertificateTrust.of(CertificateTrust.certificates(rootFile.get()), revoked));
        } catch (TlsFileException e) {
            problems.add(Problem.of(
                    "could not load root certificate file \"%s\": %s".formatted(rootFile.get(), e.reason())));
            return Optional.empty();
        }
    }

    private List<X509CRL> revocationLists() {
        Optional<Path> file = configuration.get(Settings.SSL_CRL_FILE);
        try {
            return file.isPresent() ? CertificateTrust.revocationLists(file.get()) : List.of();
        } catch (TlsFileException e) {
            problems.add(Problem.of("could not load SSL certificate revocation list file \"%s\": %s"
                    .formatted(file.orElseThrow(), e.reason())));
            return List.of();
        }
    }
}
