package io.walrelay.proxy.hba;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.walrelay.proxy.config.ConfigurationException;
import io.walrelay.proxy.config.Origin;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HbaFileTest {
    @TempDir
    private Path directory;

    private HbaRules rules(String text) throws IOException, ConfigurationException {
        Path file = directory.resolve("pg_hba.conf");
        Files.writeString(file, text);
        return HbaFile.parse(file);
    }

    private static ConnectionAttempt attempt(
            boolean replication, String database, String user, String ip, boolean tls) {
        InetAddress address = IpAddress.parse(ip).orElseThrow();
        return new ConnectionAttempt(replication, database, user, address, tls);
    }

    private static String word(HbaDecision decision) {
        return decision.getClass().getSimpleName();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // line                                             | repl | database | user | address   | tls   |
                // decision
                "host all all all trust                             | false | db | u | 10.0.0.1        | false | Trust",
                "host all all all trust                             | true  | u  | u | 10.0.0.1        | false | NoEntry",
                "host replication all all trust                     | true  | u  | u | 10.0.0.1        | false | Trust",
                "host replication all all trust                     | false | replication | u | 10.0.0.1 | false | NoEntry",
                "host \"replication\" all all trust                 | true  | u  | u | 10.0.0.1        | false | NoEntry",
                "host \"replication\" all all trust                 | false | replication | u | 10.0.0.1 | false | Trust",
                "host \"all\" all all trust                         | false | db | u | 10.0.0.1        | false | NoEntry",
                "host all,replication all all trust                 | true  | u  | u | 10.0.0.1        | false | Trust",
                "host all , replication all all trust               | true  | u  | u | 10.0.0.1        | false | Problem",
                "host all, replication all all trust                | true  | u  | u | 10.0.0.1        | false | Trust",
                "host sameuser all all trust                        | false | u  | u | 10.0.0.1        | false | Trust",
                "host sameuser all all trust                        | false | db | u | 10.0.0.1        | false | NoEntry",
                "host sameuser all all trust                        | true  | u  | u | 10.0.0.1        | false | NoEntry",
                "host replication a,\"b c\" all trust               | true  | x  | b c | 10.0.0.1      | false | Trust",
                "host replication a,b all trust                     | true  | x  | c | 10.0.0.1        | false | NoEntry",
                "host replication All all trust                     | true  | x  | c | 10.0.0.1        | false | NoEntry",
                "host replication all 10.0.0.0/8 reject             | true  | x  | c | 10.9.9.9        | false | Reject",
                "host replication all 10.0.0.0/8 reject             | true  | x  | c | 11.0.0.1        | false | NoEntry",
                "host replication all 10.0.0.128/25 trust           | true  | x  | c | 10.0.0.127      | false | NoEntry",
                "host replication all 10.0.0.128/25 trust           | true  | x  | c | 10.0.0.129      | false | Trust",
                "host replication all 10.0.0.0 255.255.0.0 trust    | true  | x  | c | 10.0.7.1        | false | Trust",
                "host replication all 0.0.0.0/0 trust               | true  | x  | c | 192.168.1.1     | false | Trust",
                "host replication all 0.0.0.0/0 trust               | true  | x  | c | ::1             | false | NoEntry",
                "host replication all ::1/128 trust                 | true  | x  | c | ::1             | false | Trust",
                "host replication all fe80::/10 trust               | true  | x  | c | fe81::7         | false | Trust",
                "host replication all samehost trust                | true  | x  | c | 127.0.0.1       | false | Trust",
                "host replication all samenet trust                 | true  | x  | c | 127.9.9.9       | false | Trust",
                "host replication all samehost trust                | true  | x  | c | 203.0.113.7     | false | NoEntry",
                "hostssl replication all all trust                  | true  | x  | c | 10.0.0.1        | false | NoEntry",
                "hostssl replication all all trust                  | true  | x  | c | 10.0.0.1        | true  | Trust",
                "hostnossl replication all all trust                | true  | x  | c | 10.0.0.1        | true  | NoEntry",
                "hostnossl replication all all trust                | true  | x  | c | 10.0.0.1        | false | Trust",
                "hostgssenc replication all all trust               | true  | x  | c | 10.0.0.1        | false | NoEntry",
                "hostnogssenc replication all all scram-sha-256     | true  | x  | c | 10.0.0.1        | false | Scram",
                "local replication all trust                        | true  | x  | c | 127.0.0.1       | false | NoEntry",
            })
    void lineDecidesAsInPostgres(
            String line, boolean replication, String database, String user, String ip, boolean tls, String decision)
            throws Exception {
        String actual;
        try {
            actual = word(rules(line).decide(attempt(replication, database, user, ip, tls)));
        } catch (ConfigurationException e) {
            actual = "Problem";
        }
        assertThat(actual).isEqualTo(decision);
    }

    @Test
    void firstLineThatMatchesDecides() throws Exception {
        HbaRules rules =
                rules("# comment\n\nhost replication bad all reject # no\nhost replication all \\\n all trust\n");

        HbaDecision bad = rules.decide(attempt(true, "x", "bad", "10.0.0.1", false));
        HbaDecision good = rules.decide(attempt(true, "x", "good", "10.0.0.1", false));

        assertThat(word(bad)).isEqualTo("Reject");
        assertThat(good)
                .isInstanceOfSatisfying(
                        HbaDecision.Trust.class,
                        trust -> assertThat(trust.rule().origin())
                                .isEqualTo(new Origin.File(directory.resolve("pg_hba.conf"), 4)));
    }

    @Test
    void namesMayStandInAFileOfTheirOwn() throws Exception {
        Files.writeString(directory.resolve("users"), "a b # c\n\"d e\",f\n");

        HbaRules rules = rules("host replication @users,g all trust\n");

        for (String user : List.of("a", "b", "d e", "f", "g")) {
            assertThat(word(rules.decide(attempt(true, "", user, "10.0.0.1", false))))
                    .isEqualTo("Trust");
        }
        assertThat(word(rules.decide(attempt(true, "", "c", "10.0.0.1", false))))
                .isEqualTo("NoEntry");
    }

    @Test
    void everyBadLineIsReported() throws Exception {
        ConfigurationException e = catchThrowableOfType(ConfigurationException.class, () -> rules("""
                        foo all all all trust
                        host
                        host all
                        host all all
                        host all all 10.0.0.1
                        host all all 10.0.0.1 255.0.255.0 trust
                        host all all 10.0.0.1 ::1 trust
                        host all all 10.0.0.1/33 trust
                        host all all 10.0.0.1/ trust
                        host all all example.com trust
                        host all all example.com/8 trust
                        host all all all
                        host all all all md5
                        host all all all magic
                        host all all all trust map=x
                        host all all all trust x
                        host all all all,samenet trust
                        host all +admins all trust
                        host samerole all all trust
                        host all /^a all trust
                        host all @nofile all trust
                        local all all trust
                        host all all all cert
                        hostssl all all all cert clientcert=verify-ca
                        hostssl all all all cert map=x
                        hostssl all all all trust clientcert=1
                        host all all all trust clientcert=verify-ca
                        hostssl all all all trust clientname=uid
                        """));

        String file = " in file \"" + directory.resolve("pg_hba.conf") + "\" line ";
        assertThat(e.problems().stream().map(problem -> problem.message()))
                .containsExactly(
                        "invalid connection type \"foo\"" + file + 1,
                        "end-of-line before database specification" + file + 2,
                        "end-of-line before role specification" + file + 3,
                        "end-of-line before IP address specification" + file + 4,
                        "end-of-line before netmask specification" + file + 5,
                        "invalid IP mask \"255.0.255.0\": its ones are not all at its start" + file + 6,
                        "IP address and mask do not match" + file + 7,
                        "invalid CIDR mask in address \"10.0.0.1/33\"" + file + 8,
                        "invalid CIDR mask in address \"10.0.0.1/\"" + file + 9,
                        "host names are not supported: \"example.com\"" + file + 10,
                        "specifying both host name and CIDR mask is invalid: \"example.com/8\"" + file + 11,
                        "end-of-line before authentication method" + file + 12,
                        "invalid authentication method \"md5\": not supported by this build" + file + 13,
                        "invalid authentication method \"magic\"" + file + 14,
                        "unrecognized authentication option name: \"map\"" + file + 15,
                        "authentication option not in name=value format: x" + file + 16,
                        "multiple values specified for host address" + file + 17,
                        "membership in roles is not known here: \"+admins\"" + file + 18,
                        "membership in roles is not known here: \"samerole\"" + file + 19,
                        "regular expressions are not supported: \"/^a\"" + file + 20,
                        "could not open secondary authentication file \"@nofile\"" + file + 21,
                        "cert authentication is only supported on hostssl connections" + file + 23,
                        "clientcert only accepts \"verify-full\" when using \"cert\" authentication" + file + 24,
                        "authentication option \"map\" is not supported: there is no pg_ident.conf" + file + 25,
                        "invalid value for clientcert: \"1\"" + file + 26,
                        "clientcert can only be configured for \"hostssl\" rows" + file + 27,
                        "invalid value for clientname: \"uid\"" + file + 28);
        assertThat(e.problems().get(12).hint())
                .contains("Supported methods are trust, reject, scram-sha-256 and cert.");
    }

    @Test
    void fileWithoutEntriesIsAProblem() {
        assertThat(catchThrowableOfType(ConfigurationException.class, () -> rules("# nothing\n")))
                .hasMessage("configuration file \"%s\" contains no entries", directory.resolve("pg_hba.conf"));
        assertThat(catchThrowableOfType(ConfigurationException.class, () -> HbaFile.parse(directory.resolve("no"))))
                .hasMessage("could not open file \"%s\": No such file or directory", directory.resolve("no"));
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, true, Trust",
        "127.1.2.3, false, Trust",
        "::1, true, Trust",
        "10.0.0.1, true, NoEntry",
        "::2, false, NoEntry"
    })
    void onlyLoopbackIsTrustedWithoutAFile(String ip, boolean replication, String decision) throws Exception {
        HbaRules rules = HbaFile.load(Optional.empty());

        assertThat(word(rules.decide(attempt(replication, "db", "u", ip, false))))
                .isEqualTo(decision);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "true|15|false|no pg_hba.conf entry for replication connection from host \"10.0.0.1\", user \"u\", no encryption",
                "true|13|false|no pg_hba.conf entry for replication connection from host \"10.0.0.1\", user \"u\", SSL off",
                "true|13|true|no pg_hba.conf entry for replication connection from host \"10.0.0.1\", user \"u\", SSL on",
                "false|14|true|no pg_hba.conf entry for host \"10.0.0.1\", user \"u\", database \"db\", SSL encryption",
            })
    void refusalHasTheWordsOfTheServersVersion(boolean replication, int major, boolean tls, String expected) {
        ConnectionAttempt attempt = attempt(replication, "db", "u", "10.0.0.1", tls);

        assertThat(new HbaDecision.NoEntry().refusal(attempt, major)).contains(expected);
    }

    @Test
    void addressIsWrittenAsPostgresWritesIt() {
        ConnectionAttempt attempt = attempt(true, "", "u", "2001:db8:0:0:0:0:0:1", false);

        assertThat(new HbaDecision.NoEntry().refusal(attempt, 15).orElseThrow()).contains("host \"2001:db8::1\"");
    }

    @Test
    void rejectionHasPostgresWords() throws Exception {
        HbaRules rules = rules("host all,replication all all reject");
        ConnectionAttempt physical = attempt(true, "db", "u", "10.0.0.1", false);
        ConnectionAttempt logical = attempt(false, "db", "u", "10.0.0.1", false);

        assertThat(rules.decide(physical).refusal(physical, 18))
                .contains(
                        "pg_hba.conf rejects replication connection for host \"10.0.0.1\", user \"u\", no encryption");
        assertThat(rules.decide(logical).refusal(logical, 18))
                .contains("pg_hba.conf rejects connection for host \"10.0.0.1\", user \"u\", database \"db\", no"
                        + " encryption");
        assertThat(new HbaDecision.Trust(rules.rules().getFirst()).refusal(physical, 18))
                .isEmpty();
    }

    @Test
    void badLinesAreListedBesideGoodOnesWithTheirErrors() throws Exception {
        // Given
        Path file = Files.writeString(directory.resolve("pg_hba.conf"), """
                # a comment
                host all,replication "all" 10.1.0.0/16 trust
                hostile all all all trust
                host all all ::1/128 scram-sha-256
                host all all samenet reject
                """);

        // When
        List<String> lines = HbaFile.lines(file).stream()
                .map(line -> line.origin().line() + " "
                        + line.rule()
                                .map(rule -> rule.shownDatabases() + " " + rule.shownUsers() + " "
                                        + rule.shownAddress().orElse("-") + " "
                                        + rule.shownNetmask().orElse("-"))
                                .orElse("-")
                        + " " + line.error().orElse("-"))
                .toList();

        // Then
        assertThat(lines)
                .containsExactly(
                        "2 [all, replication] [all] 10.1.0.0 255.255.0.0 -",
                        "3 - invalid connection type \"hostile\"",
                        "4 [all] [all] ::1 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff -",
                        "5 [all] [all] samenet - -");
    }
}
