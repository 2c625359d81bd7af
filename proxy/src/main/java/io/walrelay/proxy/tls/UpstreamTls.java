package io.walrelay.proxy.tls;

import io.walrelay.proxy.config.ConnectionInfo;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.tls.CertificateTrust;
import io.walrelay.wire.tls.ClientContext;
import io.walrelay.wire.tls.Identity;
import io.walrelay.wire.tls.TlsFileException;
import io.walrelay.wire.tls.TlsVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;

/**
 * Reads the files that a connection string names, or libpq's defaults in {@code ~/.postgresql}. They are read anew for
 * each connection, so renewed ones count at the next. Mirrors {@code initialize_SSL}.
 */
public final class UpstreamTls {
    private static final String SYSTEM = "system";

    private final ConnectionInfo info;
    private final Path home;

    private UpstreamTls(ConnectionInfo info, Path home) {
        this.info = info;
        this.home = home;
    }

    /**
     * What to connect with.
     *
     * @throws PgException FATAL 08006 in libpq's words, if a file is bad or missing
     */
    public static ClientContext load(ConnectionInfo info) {
        return load(info, Path.of(System.getProperty("user.home", "")));
    }

    static ClientContext load(ConnectionInfo info, Path home) {
        UpstreamTls tls = new UpstreamTls(info, home.resolve(".postgresql"));
        try {
            return ClientContext.of(
                    tls.trust(),
                    tls.identity(),
                    tls.version("ssl_min_protocol_version", TlsVersion.TLS_1_2),
                    tls.version("ssl_max_protocol_version", TlsVersion.TLS_1_3));
        } catch (SSLException e) {
            throw failure("could not create SSL context: " + e.getMessage());
        }
    }

    private TlsVersion version(String option, TlsVersion otherwise) {
        return info.option(option).flatMap(TlsVersion::of).orElse(otherwise);
    }

    private Path file(String option, String otherwise) {
        return info.option(option).map(Path::of).orElseGet(() -> home.resolve(otherwise));
    }

    private Optional<CertificateTrust> trust() {
        Path file = file("sslrootcert", "root.crt");
        if (file.toString().equals(SYSTEM)) {
            return Optional.of(CertificateTrust.ofSystem());
        }
        if (Files.notExists(file)) {
            if (info.sslMode().verifies()) {
                throw failure("root certificate file \"" + file + "\" does not exist\n"
                        + "Either provide the file, use the system's trusted roots with sslrootcert=system,"
                        + " or change sslmode to disable server certificate verification.");
            }
            return Optional.empty();
        }
        try {
            return Optional.of(CertificateTrust.of(CertificateTrust.certificates(file), revocationLists()));
        } catch (TlsFileException e) {
            throw failure("could not read root certificate file \"" + file + "\": " + e.reason());
        }
    }

    /** As libpq, which requires none: what cannot be read is taken for missing. */
    private List<X509CRL> revocationLists() {
        try {
            return CertificateTrust.revocationLists(file("sslcrl", "root.crl"));
        } catch (TlsFileException none) {
            return List.of();
        }
    }

    private Optional<Identity> identity() {
        Path certificateFile = file("sslcert", "postgresql.crt");
        if (info.option("sslcertmode").filter("disable"::equals).isPresent() || Files.notExists(certificateFile)) {
            return Optional.empty();
        }
        List<X509Certificate> chain;
        try {
            chain = Identity.chain(certificateFile);
        } catch (TlsFileException e) {
            throw failure("could not read certificate file \"" + certificateFile + "\": " + e.reason());
        }
        Path keyFile = file("sslkey", "postgresql.key");
        checkKey(keyFile);
        try {
            char[] passphrase =
                    info.option("sslpassword").map(String::toCharArray).orElse(null);
            return Optional.of(Identity.read(chain, keyFile, passphrase));
        } catch (TlsFileException e) {
            throw failure("could not load private key file \"" + keyFile + "\": " + e.reason());
        }
    }

    private static void checkKey(Path keyFile) {
        if (Files.notExists(keyFile)) {
            throw failure("certificate present, but not private key file \"" + keyFile + "\"");
        }
        try {
            KeyFile.of(keyFile).problemOfClient().ifPresent(words -> {
                throw failure(words);
            });
        } catch (IOException e) {
            throw failure("could not stat private key file \"" + keyFile + "\": " + KeyFile.reason(e));
        }
    }

    private static PgException failure(String words) {
        return PgException.fatal(SqlState.CONNECTION_FAILURE, words);
    }
}
