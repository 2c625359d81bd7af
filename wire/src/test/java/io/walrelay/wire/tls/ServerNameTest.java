package io.walrelay.wire.tls;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ServerNameTest {
    private static final TestAuthority AUTHORITY = TestAuthority.named("root");

    private static boolean matches(TestAuthority.Issued server, String host) {
        return ServerName.mismatch(server.certificate(), host).isEmpty();
    }

    @Test
    void theCommonNameCountsWhereThereIsNoOther() {
        TestAuthority.Issued server = AUTHORITY.server("db.example.org");

        assertThat(matches(server, "DB.example.org")).isTrue();
        assertThat(ServerName.mismatch(server.certificate(), "other"))
                .contains("server certificate for \"db.example.org\" does not match host name \"other\"");
    }

    @Test
    void anAlternativeNameHidesTheCommonName() {
        TestAuthority.Issued server = AUTHORITY.server("common", "a.example.org", "b.example.org", "10.0.0.1");

        assertThat(matches(server, "b.example.org")).isTrue();
        assertThat(matches(server, "10.0.0.1")).isTrue();
        assertThat(ServerName.mismatch(server.certificate(), "common"))
                .contains("server certificate for \"a.example.org\" (and 2 other names) does not match host name"
                        + " \"common\"");
    }

    @Test
    void anAddressIsComparedAsAnAddress() {
        TestAuthority.Issued server = AUTHORITY.server("common", "::1");

        assertThat(matches(server, "0:0:0:0:0:0:0:1")).isTrue();
        assertThat(matches(server, "::2")).isFalse();
        assertThat(matches(server, "common")).isTrue();
        assertThat(matches(AUTHORITY.server("10.0.0.1", "a.example.org"), "10.0.0.1"))
                .isTrue();
    }

    @Test
    void aStarStandsForOneLabel() {
        TestAuthority.Issued server = AUTHORITY.server("common", "*.example.org");

        assertThat(matches(server, "a.Example.org")).isTrue();
        assertThat(matches(server, "a.b.example.org")).isFalse();
        assertThat(matches(server, "example.org")).isFalse();
    }
}
