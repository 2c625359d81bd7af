package io.walrelay.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigurationTest {
    @TempDir
    private Path directory;

    private Path file = Path.of("");

    @BeforeEach
    void chooseFile() {
        file = directory.resolve("walrelay.conf");
    }

    private List<String> problems(String text, String... overrides) throws IOException {
        Files.writeString(file, text);
        ConfigurationException e =
                catchThrowableOfType(ConfigurationException.class, () -> Configuration.load(file, List.of(overrides)));
        assertThat(e).isNotNull();
        return e.problems().stream()
                .map(problem -> problem.text().replace(directory + "/", ""))
                .toList();
    }

    @Test
    void notAllConnectionsAreReserved() throws Exception {
        assertThat(problems("max_connections = 3"))
                .containsExactly("superuser_reserved_connections (3) must be less than max_connections (3)");
    }

    @Test
    void everySettingHasItsDefaultWhenNothingIsSet() throws Exception {
        Configuration configuration = Configuration.load(null, List.of());

        assertThat(configuration.get(Settings.PORT)).isEqualTo(5432);
        assertThat(configuration.get(Settings.LISTEN_ADDRESSES)).containsExactly("localhost");
        assertThat(configuration.get(Settings.WAL_SENDER_TIMEOUT)).isEqualTo(Duration.ofMinutes(1));
        assertThat(configuration.get(Settings.PRIMARY_CONNINFO)).isEmpty();
        assertThat(configuration.get(Settings.RECOVERY_TARGET_TIMELINE)).isEqualTo(new RecoveryTargetTimeline.Latest());
        assertThat(configuration.show(Settings.WAL_SENDER_TIMEOUT)).isEqualTo("1min");
        assertThat(configuration.show(Settings.WAL_RECEIVER_STATUS_INTERVAL)).isEqualTo("10s");
        assertThat(configuration.show(Settings.TCP_USER_TIMEOUT)).isEqualTo("0");
        assertThat(configuration.origin(Settings.PORT)).isEqualTo(new Origin.Default());
        assertThat(Settings.all())
                .allSatisfy(setting -> assertThat(configuration.show(setting)).isNotNull());
    }

    @Test
    void numbersAreInTheirUnitWhereViewsShowThem() throws Exception {
        Configuration configuration = Configuration.load(
                null, List.of("wal_keep_size=2GB", "max_slot_wal_keep_size=-1", "wal_sender_timeout=2h"));

        assertThat(configuration.setting(Settings.WAL_KEEP_SIZE)).isEqualTo("2048");
        assertThat(configuration.setting(Settings.MAX_SLOT_WAL_KEEP_SIZE)).isEqualTo("-1");
        assertThat(configuration.setting(Settings.WAL_SENDER_TIMEOUT)).isEqualTo("7200000");
        assertThat(configuration.setting(Settings.LISTEN_ADDRESSES)).isEqualTo("localhost");
        assertThat(Settings.WAL_SENDER_TIMEOUT.bootValue()).isEqualTo("60000");
        assertThat(Settings.all())
                .filteredOn(setting -> setting.type().vartype().equals("integer"))
                .allSatisfy(setting -> assertThat(setting.bootValue()).matches("-?\\d+"));
    }

    @Test
    void lastLineWinsAndTheCommandLineWinsOverIt() throws Exception {
        Files.writeString(file, "port = 1\nPORT = 2\nwal_sender_timeout = 90s\nlog_replication_commands = y\n");

        Configuration configuration = Configuration.load(file, List.of("wal-sender-timeout=2h", "cluster_name=a=b"));

        assertThat(configuration.show(Settings.PORT)).isEqualTo("2");
        assertThat(configuration.show(Settings.WAL_SENDER_TIMEOUT)).isEqualTo("2h");
        assertThat(configuration.show(Settings.CLUSTER_NAME)).isEqualTo("a=b");
        assertThat(configuration.show(Settings.LOG_REPLICATION_COMMANDS)).isEqualTo("on");
        assertThat(configuration.origin(Settings.PORT)).isEqualTo(new Origin.File(file, 2));
        assertThat(configuration.origin(Settings.CLUSTER_NAME)).isEqualTo(new Origin.CommandLine());
    }

    @Test
    void relativePathsCountFromTheFileThatNamesThem() throws Exception {
        Files.createDirectory(directory.resolve("conf.d"));
        Files.writeString(directory.resolve("conf.d/hba.conf"), "hba_file = 'pg_hba.conf'\n");
        Files.writeString(file, "include_dir 'conf.d'\n");

        Configuration configuration = Configuration.load(file, List.of("auth_file=users.txt"));

        assertThat(configuration.get(Settings.HBA_FILE)).contains(directory.resolve("conf.d/pg_hba.conf"));
        assertThat(configuration.get(Settings.DATA_DIRECTORY)).isEqualTo(directory.resolve("data"));
        assertThat(configuration.get(Settings.AUTH_FILE))
                .contains(Path.of("users.txt").toAbsolutePath());
    }

    @Test
    void allProblemsAreListedInPostgresWords() throws IOException {
        List<String> problems = problems("""
                port = abc
                foo = 1
                wal_sender_timeout = 5MIN
                log_replication_commands = o
                log_min_messages = loud
                authentication_timeout = 1d
                primary_slot_name = 'A'
                = 3
                listen_addresses = 'a,,b'
                recovery_target_timeline = 'x'
                wal_retrieve_retry_interval = 0
                wal_send_after = never
                foo = 2
                primary_conninfo = 'host=a password=secret sslmode=never'
                """, "port=70000", "cluster_name");

        assertThat(problems)
                .containsExactly(
                        "syntax error in file \"walrelay.conf\" line 8, near token \"=\"",
                        "unrecognized configuration parameter \"foo\" in file \"walrelay.conf\" line 2",
                        "unrecognized configuration parameter \"foo\" in file \"walrelay.conf\" line 13",
                        "-c cluster_name requires a value",
                        "invalid value for parameter \"port\": \"abc\" in file \"walrelay.conf\" line 1",
                        "invalid value for parameter \"wal_sender_timeout\": \"5MIN\" in file \"walrelay.conf\" line 3\n"
                                + "HINT:  Valid units for this parameter are \"us\", \"ms\", \"s\", \"min\", \"h\", and"
                                + " \"d\".",
                        "parameter \"log_replication_commands\" requires a Boolean value in file \"walrelay.conf\" line 4",
                        "invalid value for parameter \"log_min_messages\": \"loud\" in file \"walrelay.conf\" line 5\n"
                                + "HINT:  Available values: debug5, debug4, debug3, debug2, debug1, info, notice,"
                                + " warning, error, log, fatal, panic.",
                        "86400 s is outside the valid range for parameter \"authentication_timeout\" (1 s .. 600 s) in"
                                + " file \"walrelay.conf\" line 6",
                        "invalid value for parameter \"primary_slot_name\": \"A\" in file \"walrelay.conf\" line 7\n"
                                + "DETAIL:  replication slot name \"A\" contains invalid character\n"
                                + "HINT:  Replication slot names may only contain lower case letters, numbers, and the"
                                + " underscore character.",
                        "invalid value for parameter \"listen_addresses\": \"a,,b\" in file \"walrelay.conf\" line 9\n"
                                + "DETAIL:  List syntax is invalid.",
                        "invalid value for parameter \"recovery_target_timeline\": \"x\" in file \"walrelay.conf\" line"
                                + " 10\nDETAIL:  \"recovery_target_timeline\" is not a valid number.",
                        "0 ms is outside the valid range for parameter \"wal_retrieve_retry_interval\" (1 ms .. 2147483647"
                                + " ms) in file \"walrelay.conf\" line 11",
                        "invalid value for parameter \"wal_send_after\": \"never\" in file \"walrelay.conf\" line 12\n"
                                + "HINT:  Available values: write, flush.",
                        "invalid value for parameter \"primary_conninfo\" in file \"walrelay.conf\" line 14\n"
                                + "DETAIL:  invalid sslmode value: \"never\"",
                        "70000 is outside the valid range for parameter \"port\" (1 .. 65535) on the command line");
    }

    @Test
    void valueThatALaterLineReplacesIsNotLookedAt() throws Exception {
        Files.writeString(file, "port = abc\nport = 7\n");

        assertThat(Configuration.load(file, List.of()).get(Settings.PORT)).isEqualTo(7);
    }

    @Test
    void missingFileIsAProblem() {
        ConfigurationException e =
                catchThrowableOfType(ConfigurationException.class, () -> Configuration.load(file, List.of()));

        assertThat(e).hasMessage("could not open configuration file \"%s\": No such file or directory", file);
    }

    @Test
    void showHidesThePasswordOfTheUpstream() throws Exception {
        Configuration configuration =
                Configuration.load(null, List.of("primary_conninfo=host=a user=u password='s e c'"));

        assertThat(configuration.show(Settings.PRIMARY_CONNINFO)).isEqualTo("host=a user=u password=********");
        assertThat(configuration.get(Settings.PRIMARY_CONNINFO).orElseThrow().toString())
                .doesNotContain("s e c");
    }

    @Test
    void recoveryTargetTimelineIsANumberOfATimeline() throws Exception {
        assertThat(Settings.RECOVERY_TARGET_TIMELINE.parse("4294967295"))
                .isEqualTo(new RecoveryTargetTimeline.Target(4294967295L));
        assertThat(Settings.RECOVERY_TARGET_TIMELINE.parse("current")).isEqualTo(new RecoveryTargetTimeline.Current());
        InvalidValueException e =
                catchThrowableOfType(InvalidValueException.class, () -> Settings.RECOVERY_TARGET_TIMELINE.parse("0"));
        assertThat(e.detail()).contains("\"recovery_target_timeline\" must be between 1 and 4294967295.");
    }

    @Test
    void namesInAListMayBeQuoted() throws Exception {
        assertThat(Settings.LISTEN_ADDRESSES.parse(" a , \"b,\"\"c\" ,::1")).containsExactly("a", "b,\"c", "::1");
        assertThat(Settings.LISTEN_ADDRESSES.parse("  ")).isEmpty();
        for (String bad : List.of("a,", ",a", "a b", "\"a", "\"a\"b")) {
            assertThat(catchThrowableOfType(InvalidValueException.class, () -> Settings.LISTEN_ADDRESSES.parse(bad)))
                    .as(bad)
                    .isNotNull();
        }
    }
}
