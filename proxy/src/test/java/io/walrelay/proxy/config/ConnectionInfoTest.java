package io.walrelay.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The messages are those of PostgreSQL 15's libpq for the same strings, without the URI that it repeats at the end. */
final class ConnectionInfoTest {
    static Stream<Arguments> hosts() {
        return Stream.of(
                Arguments.of("host=a", "[a:5432]"),
                Arguments.of("", "[localhost:5432]"),
                Arguments.of("host=a,b,c port=1", "[a:1, b:1, c:1]"),
                Arguments.of("host=a,b port=1,2", "[a:1, b:2]"),
                Arguments.of("host=a,b port=,2", "[a:5432, b:2]"),
                Arguments.of("host=a,, port=1", "[a:1, localhost:1, localhost:1]"),
                Arguments.of("host=a hostaddr=10.0.0.1", "[10.0.0.1:5432]"),
                Arguments.of("hostaddr=10.0.0.1,::1", "[10.0.0.1:5432, [::1]:5432]"),
                Arguments.of("host = 'a' port\t=\n'7'user=x", "[a:7]"),
                Arguments.of("host=a\\ b", "[a b:5432]"),
                Arguments.of("host=a host=b", "[b:5432]"),
                Arguments.of("postgresql://", "[localhost:5432]"),
                Arguments.of("postgresql:///db", "[localhost:5432]"),
                Arguments.of("postgres://a,b:2,[::1]:3,[::2]/db", "[a:5432, b:2, [::1]:3, [::2]:5432]"),
                Arguments.of("postgresql://u:p@a:1?port=2", "[a:2]"),
                Arguments.of("postgresql://%61%2e%62", "[a.b:5432]"));
    }

    @ParameterizedTest
    @MethodSource("hosts")
    void hostsAreThoseThatLibpqTries(String conninfo, String expected) throws Exception {
        assertThat(ConnectionInfo.parse(conninfo).hosts()).hasToString(expected);
    }

    static Stream<Arguments> errors() {
        return Stream.of(
                Arguments.of("host", "missing \"=\" after \"host\" in connection info string"),
                Arguments.of("host a=b", "missing \"=\" after \"host\" in connection info string"),
                Arguments.of("host=a foo=1", "invalid connection option \"foo\""),
                Arguments.of("host='a", "unterminated quoted string in connection info string"),
                Arguments.of("host='a\\'", "unterminated quoted string in connection info string"),
                Arguments.of(
                        "postgresql://[::1",
                        "end of string reached when looking for matching \"]\" in IPv6 host address in URI"),
                Arguments.of("postgresql://[]/", "IPv6 host address may not be empty in URI"),
                Arguments.of(
                        "postgresql://[::1]x/",
                        "unexpected character \"x\" at position 19 in URI (expected \":\" or \"/\")"),
                Arguments.of("postgresql://h/?a", "missing key/value separator \"=\" in URI query parameter: \"a\""),
                Arguments.of(
                        "postgresql://h/?host=a=b", "extra key/value separator \"=\" in URI query parameter: \"host\""),
                Arguments.of("postgresql://h/?foo=b", "invalid URI query parameter: \"foo\""),
                Arguments.of("postgresql://%zz/", "invalid percent-encoded token"),
                Arguments.of("postgresql://h%1/", "invalid percent-encoded token"),
                Arguments.of("postgresql://%00/", "forbidden value %00 in percent-encoded value"),
                Arguments.of("host=a port=abc", "invalid integer value \"abc\" for connection option \"port\""),
                Arguments.of("host=a port=70000", "invalid port number: \"70000\""),
                Arguments.of("host=a port=-1", "invalid port number: \"-1\""),
                Arguments.of("host=a,b port=1,2,3", "could not match 3 port numbers to 2 hosts"),
                Arguments.of("host=a port=1,2", "could not match 2 port numbers to 1 hosts"),
                Arguments.of("host=a,b hostaddr=1.1.1.1", "could not match 2 host names to 1 hostaddr values"),
                Arguments.of("hostaddr=foo", "could not parse network address \"foo\": it is no IP address"),
                Arguments.of("sslmode=foo", "invalid sslmode value: \"foo\""),
                Arguments.of("gssencmode=foo", "invalid gssencmode value: \"foo\""),
                Arguments.of("channel_binding=foo", "invalid channel_binding value: \"foo\""),
                Arguments.of("target_session_attrs=foo", "invalid target_session_attrs value: \"foo\""),
                Arguments.of(
                        "connect_timeout=x", "invalid integer value \"x\" for connection option \"connect_timeout\""),
                Arguments.of(
                        "connect_timeout=", "invalid integer value \"\" for connection option \"connect_timeout\""),
                Arguments.of(
                        "keepalives_idle=z", "invalid integer value \"z\" for connection option \"keepalives_idle\""),
                Arguments.of(
                        "sslmode=verify-ca sslrootcert=system",
                        "weak sslmode \"verify-ca\" may not be used with sslrootcert=system (use \"verify-full\")"),
                Arguments.of(
                        "sslnegotiation=direct",
                        "weak sslmode \"prefer\" may not be used with sslnegotiation=direct (use \"require\","
                                + " \"verify-ca\", or \"verify-full\")"),
                Arguments.of("ssl_min_protocol_version=SSLv3", "invalid \"ssl_min_protocol_version\" value: \"SSLv3\""),
                Arguments.of(
                        "ssl_min_protocol_version=TLSv1.3 ssl_max_protocol_version=TLSv1.2",
                        "invalid SSL protocol version range"),
                Arguments.of("ssl_max_protocol_version=TLSv1.1", "invalid SSL protocol version range"),
                Arguments.of(
                        "sslcertmode=require",
                        "sslcertmode value \"require\" is not supported by this version of walrelay"),
                Arguments.of(
                        "gssencmode=require",
                        "gssencmode value \"require\" invalid when GSSAPI support is not compiled in"),
                Arguments.of("service=x", "service value \"x\" is not supported by this version of walrelay"),
                Arguments.of(
                        "host=/var/run/postgresql",
                        "connections over Unix-domain sockets are not supported: host \"/var/run/postgresql\""));
    }

    @ParameterizedTest
    @MethodSource("errors")
    void stringIsRefusedInLibpqsWords(String conninfo, String message) {
        ConnectionInfoException e =
                catchThrowableOfType(ConnectionInfoException.class, () -> ConnectionInfo.parse(conninfo));

        assertThat(e).isNotNull();
        assertThat(e.message()).isEqualTo(message);
    }

    @Test
    void optionsAreWhatTheyAreInBothForms() throws Exception {
        ConnectionInfo keyValue = ConnectionInfo.parse("user=u dbname=d application_name='r 1' connect_timeout=1"
                + " keepalives=0 keepalives_idle=3 keepalives_interval=4 keepalives_count=5 tcp_user_timeout=600"
                + " options='-c wal_sender_timeout=0' target_session_attrs=any sslmode=prefer");
        ConnectionInfo uri = ConnectionInfo.parse(
                "postgresql://u@/d?application_name=r%201&connect_timeout=-1&options=-c%20geqo%3Doff&sslmode=disable");

        assertThat(keyValue.user()).isEqualTo("u");
        assertThat(keyValue.dbname()).contains("d");
        assertThat(keyValue.applicationName()).contains("r 1");
        assertThat(keyValue.connectTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(keyValue.keepalives()).isFalse();
        assertThat(keyValue.keepalivesIdle()).isEqualTo(Duration.ofSeconds(3));
        assertThat(keyValue.keepalivesInterval()).isEqualTo(Duration.ofSeconds(4));
        assertThat(keyValue.keepalivesCount()).isEqualTo(5);
        assertThat(keyValue.tcpUserTimeout()).isEqualTo(Duration.ofMillis(600));
        assertThat(keyValue.commandLineOptions()).contains("-c wal_sender_timeout=0");
        assertThat(uri.applicationName()).contains("r 1");
        assertThat(uri.connectTimeout()).isZero();
        assertThat(ConnectionInfo.parse("connect_timeout=0").connectTimeout()).isZero();
        assertThat(ConnectionInfo.parse("user=u").connectTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(uri.commandLineOptions()).contains("-c geqo=off");
    }

    @Test
    void secretsAreNeverPrinted() throws Exception {
        ConnectionInfo info =
                ConnectionInfo.parse("postgresql://u:geheim@h/?sslpassword=geheim&application_name=a'%20b");

        assertThat(info.password(info.hosts().getFirst()).password()).contains("geheim");
        assertThat(info.password(info.hosts().getFirst()).toString()).doesNotContain("geheim");
        assertThat(info).hasToString("user=u password=******** host=h sslpassword=******** application_name='a\\' b'");
    }

    @Test
    void stringsOfTheSameOptionsAreEqual() throws Exception {
        assertThat(ConnectionInfo.parse("host=a port=5433")).isEqualTo(ConnectionInfo.parse("postgresql://a:5433"));
        assertThat(ConnectionInfo.parse("host=a")).isNotEqualTo(ConnectionInfo.parse("host=b"));
    }
}
