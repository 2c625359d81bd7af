package io.walrelay.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.ConfigurationException;
import io.walrelay.proxy.config.Problem;
import io.walrelay.wire.tls.TestAuthority;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerTlsTest {
    private static final TestAuthority AUTHORITY = TestAuthority.named("root");

    @TempDir
    private Path directory;

    @BeforeEach
    void issue() {
        AUTHORITY.server("localhost").write(directory.resolve("server.crt"), directory.resolve("server.key"));
        TestAuthority.write(directory.resolve("root.crt"), AUTHORITY.root().certificate());
    }

    private Configuration configuration(String... settings) throws ConfigurationException {
        List<String> all = new ArrayList<>(List.of(
                "ssl_cert_file=" + directory.resolve("server.crt"), "ssl_key_file=" + directory.resolve("server.key")));
        all.addAll(List.of(settings));
        return Configuration.load(null, all);
    }

    private List<String> problems(String... settings) {
        ConfigurationException e =
                catchThrowableOfType(ConfigurationException.class, () -> ServerTls.load(configuration(settings)));
        return e.problems().stream().map(Problem::message).toList();
    }

    @Test
    void whileSslIsOffNoFileIsRead() throws Exception {
        assertThat(ServerTls.load(configuration("ssl_cert_file=nowhere"))).isEmpty();
    }

    @Test
    void goodFilesMakeAServerThatCanBeBoundTo() throws Exception {
        assertThat(ServerTls.load(configuration("ssl=on"))).hasValueSatisfying(context -> {
            assertThat(context.binding()).isPresent();
            assertThat(context.checksClients()).isFalse();
        });
        assertThat(ServerTls.load(configuration("ssl=on", "ssl_ca_file=" + directory.resolve("root.crt"))))
                .hasValueSatisfying(
                        context -> assertThat(context.checksClients()).isTrue());
    }

    @Test
    void allThatIsWrongIsToldAtOnce() {
        assertThat(problems(
                        "ssl=on",
                        "ssl_cert_file=/nonexistent/server.crt",
                        "ssl_key_file=/nonexistent/server.key",
                        "ssl_ca_file=/nonexistent/root.crt",
                        "ssl_crl_file=/nonexistent/root.crl",
                        "ssl_ciphers=nonsense",
                        "ssl_max_protocol_version=TLSv1"))
                .containsExactly(
                        "could not load server certificate file \"/nonexistent/server.crt\": No such file or directory",
                        "could not access private key file \"/nonexistent/server.key\": No such file or directory",
                        "could not load SSL certificate revocation list file \"/nonexistent/root.crl\": No such file or"
                                + " directory",
                        "could not load root certificate file \"/nonexistent/root.crt\": No such file or directory",
                        "could not set SSL protocol version range",
                        "could not set the cipher list (no valid ciphers available)");
    }

    @Test
    void aKeyThatOthersMayReadIsRefused() throws Exception {
        Path key = directory.resolve("server.key");

        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw----r--"));
        assertThat(problems("ssl=on")).containsExactly("private key file \"" + key + "\" has group or world access");

        String owner = Files.getOwner(key).getName();
        assertThat(KeyFile.of(key).problem("somebody-else-than-" + owner))
                .map(Problem::message)
                .contains(
                        owner.equals("root")
                                ? "private key file \"" + key + "\" has group or world access"
                                : "private key file \"" + key + "\" must be owned by the database user or root");
    }

    @Test
    void whatIsNoFileIsRefusedAsAKey() {
        assertThat(problems("ssl=on", "ssl_key_file=" + directory))
                .containsExactly("private key file \"" + directory + "\" is not a regular file");
    }
}
