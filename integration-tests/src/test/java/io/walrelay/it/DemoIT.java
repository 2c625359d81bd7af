package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.it.support.Forwarder;
import io.walrelay.proxy.Proxy;
import io.walrelay.proxy.config.Settings;
import io.walrelay.proxy.demo.Demo;
import io.walrelay.proxy.demo.DemoRelay;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The demo proves what it says, and says when it cannot. */
class DemoIT {
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(output, true, StandardCharsets.UTF_8);

    @SuppressWarnings("NullAway.Init") // before each test
    private Set<Path> before;

    @BeforeEach
    void lookAround() throws IOException {
        before = directories();
    }

    @Test
    void demoProvesThatAStandbyFollowsThroughTheRelay() throws IOException {
        // Given
        Demo demo = new Demo(configuration -> serving(Proxy.start(configuration)));

        // When
        int exitCode = demo.run(Demo.Purpose.PROVE, out);

        // Then
        assertThat(text()).contains("20000 rows", "proved: ").doesNotContain("FAILED");
        assertThat(exitCode).isZero();
        assertThat(directories()).isEqualTo(before);
    }

    @Test
    void rehearsalRunsToItsEnd() throws IOException {
        // Given
        Demo demo = new Demo(configuration -> serving(Proxy.start(configuration)));

        // When
        int exitCode = demo.run(Demo.Purpose.REHEARSE, out);

        // Then
        assertThat(text()).doesNotContain("FAILED");
        assertThat(exitCode).isZero();
        assertThat(directories()).isEqualTo(before);
    }

    @Test
    void demoFailsWhenTheStandbyIsConnectedToThePrimaryAfterAll() throws IOException {
        // Given
        Demo demo = new Demo(configuration -> {
            String conninfo = configuration.show(Settings.PRIMARY_CONNINFO);
            return forwarding(Integer.parseInt(conninfo.replaceAll(".*port=(\\d+).*", "$1")));
        });

        // When
        int exitCode = demo.run(Demo.Purpose.PROVE, out);

        // Then
        assertThat(exitCode).isEqualTo(1);
        assertThat(text()).contains("FAILED: the primary's walsenders serve standby_demo streaming");
        assertThat(directories()).isEqualTo(before);
    }

    @Test
    void demoFailsWithAReasonWhenTheRelayDoesNotStart() throws IOException {
        // Given
        Demo demo = new Demo(configuration -> {
            throw new IOException("no relay today");
        });

        // When
        int exitCode = demo.run(Demo.Purpose.PROVE, out);

        // Then
        assertThat(exitCode).isEqualTo(1);
        assertThat(text()).contains("FAILED: no relay today");
        assertThat(directories()).isEqualTo(before);
    }

    private static DemoRelay serving(Proxy proxy) throws IOException {
        try {
            assertThat(proxy.awaitServing(Duration.ofSeconds(30))).isTrue();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        return new DemoRelay() {
            @Override
            public int port() {
                return proxy.port();
            }

            @Override
            public void close() {
                proxy.close();
            }
        };
    }

    private static DemoRelay forwarding(int port) throws IOException {
        Forwarder forwarder = new Forwarder(port);
        return new DemoRelay() {
            @Override
            public int port() {
                return forwarder.port();
            }

            @Override
            public void close() throws IOException {
                forwarder.close();
            }
        };
    }

    private String text() {
        return output.toString(StandardCharsets.UTF_8);
    }

    /** Those of demos, of which somebody else may have one running. */
    private static Set<Path> directories() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(file -> String.valueOf(file.getFileName()).startsWith("walrelay-demo-"))
                    .collect(Collectors.toSet());
        }
    }
}
