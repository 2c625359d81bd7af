package io.walrelay.it.support;

import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.wire.tls.TestAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Certificates and keys of one test class: what a server and its clients need, and what each must be refused with. A
 * file {@code NAME.crt} has its key in {@code NAME.key}.
 */
public final class TlsFiles {
    private final Path directory;
    private final TestAuthority authority = TestAuthority.named("root");

    private TlsFiles(Path directory) {
        this.directory = directory;
    }

    /** Makes them in this directory. */
    public static TlsFiles in(Path directory) throws IOException {
        TlsFiles files = new TlsFiles(directory);
        TestAuthority.write(files.path("root.crt"), files.authority.root().certificate());
        TestAuthority.write(
                files.path("other-root.crt"),
                TestAuthority.named("other").root().certificate());
        files.issueServer();
        for (String name : new String[] {"cert_role", "full_role", "somebody"}) {
            files.write(name, files.authority.client("O=walrelay, CN=" + name));
        }
        files.write("expired", files.authority.expiredClient("CN=cert_role"));
        files.write("impostor", TestAuthority.named("root").client("CN=cert_role"));
        TestAuthority.Issued revoked = files.authority.client("CN=cert_role");
        files.write("revoked", revoked);
        files.authority.revoke(files.path("root.crl"), revoked);
        Files.writeString(files.path("garbage"), "no PEM at all\n");
        Files.setPosixFilePermissions(files.path("garbage"), PosixFilePermissions.fromString("rw-------"));
        return files;
    }

    private void write(String name, TestAuthority.Issued issued) {
        issued.write(path(name + ".crt"), path(name + ".key"));
    }

    /** A new certificate for the server, in the place of the one there is; returns its serial number. */
    public String issueServer() {
        TestAuthority.Issued server = authority.server("localhost", "localhost", "relay.example.org");
        write("server", server);
        return server.certificate().getSerialNumber().toString();
    }

    /** A file of this name. */
    public Path path(String name) {
        return directory.resolve(name);
    }

    /** Settings of a relay that is a server with these. */
    public Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("ssl", "on");
        settings.put("ssl_cert_file", path("server.crt").toString());
        settings.put("ssl_key_file", path("server.key").toString());
        settings.put("ssl_ca_file", path("root.crt").toString());
        settings.put("ssl_crl_file", path("root.crl").toString());
        return settings;
    }

    /** Copies a file into a server's data directory, for its user, with this umask. */
    public void install(PostgresCluster server, String name, String umask) throws IOException, SQLException {
        server.execute("COPY (SELECT unnest(string_to_array(rtrim('" + Files.readString(path(name))
                + "', E'\\n'), E'\\n'))) TO PROGRAM 'umask " + umask + "; cat > " + name + "'");
    }

    /** Has a server use them: copies, in its data directory, that belong to its user. */
    public void install(PostgresCluster server) throws IOException, SQLException {
        for (String name : new String[] {"server.crt", "server.key", "root.crt", "root.crl"}) {
            install(server, name, "077");
        }
        server.set("ssl", "on");
        server.set("ssl_ca_file", "root.crt");
        server.set("ssl_crl_file", "root.crl");
        server.reload();
    }
}
