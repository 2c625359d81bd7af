package io.walrelay.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileLinesTest {
    @TempDir
    private Path directory;

    private List<String> lines(String before, String now, String... overrides) throws Exception {
        Path file = directory.resolve("walrelay.conf");
        Files.writeString(file, before);
        Configuration inForce = Configuration.load(file, List.of(overrides));
        Files.writeString(file, now);
        return inForce.fileLines().stream()
                .map(line -> line.file()
                                .map(directory::relativize)
                                .map(Path::toString)
                                .orElse("-") + ":" + line.line() + " "
                        + line.name().orElse("-") + " " + line.shown().orElse("-") + " " + line.applied() + " "
                        + line.error().orElse("-"))
                .toList();
    }

    @Test
    void theFileIsReadAsItIsNow() throws Exception {
        assertThat(lines("wal_sender_timeout = 1s\n", "port = 5432\n\nwal_keep_size = 1GB\nport = 5433\n", "port=5433"))
                .containsExactly(
                        "walrelay.conf:1 port 5432 false -",
                        "walrelay.conf:3 wal_keep_size 1GB true -",
                        "walrelay.conf:4 port 5433 true -");
    }

    @Test
    void whatIsNoValueOrNeedsARestartSaysSoAndTheOthersAreApplied() throws Exception {
        assertThat(lines("max_wal_senders = 10\ncluster_name = a\nport = 1\n", """
                        max_wal_senders = 20
                        wal_keep_size = much
                        wal_sender_timeout = 60000ms
                        primary_conninfo = 'host=a password=b'
                        primary_conninfo = 'password=b nosuch'
                        port = 1
                        """))
                .containsExactly(
                        "walrelay.conf:1 max_wal_senders 20 false setting could not be applied",
                        "walrelay.conf:2 wal_keep_size much false setting could not be applied",
                        "walrelay.conf:3 wal_sender_timeout 60000ms true -",
                        "walrelay.conf:4 primary_conninfo host=a password=******** false -",
                        "walrelay.conf:5 primary_conninfo - false setting could not be applied",
                        "walrelay.conf:6 port 1 true -",
                        "-:0 - - false parameter \"cluster_name\" cannot be changed without restarting the server");
    }

    @Test
    void nothingOfAFileWithASettingThatDoesNotExistIsApplied() throws Exception {
        assertThat(lines("", "wal_keep_size = 1GB\nnosuch = 1\nwal_sender_timeout = never\n"))
                .containsExactly(
                        "walrelay.conf:1 wal_keep_size 1GB false -",
                        "walrelay.conf:2 nosuch - false unrecognized configuration parameter",
                        "walrelay.conf:3 wal_sender_timeout never false -");
    }

    @Test
    void whatTheCommandLineReplacesIsLookedAtAllTheSame() throws Exception {
        assertThat(lines("", "port = 2\nwal_keep_size = much\n", "port=1", "wal_keep_size=1GB"))
                .containsExactly(
                        "walrelay.conf:1 port 2 false setting could not be applied",
                        "walrelay.conf:2 wal_keep_size much false setting could not be applied");
    }

    @Test
    void nothingOfAFileThatCannotBeReadIsApplied() throws Exception {
        assertThat(lines("", "wal_keep_size = 1GB\ninclude 'missing.conf'\nport 1 2\n"))
                .containsExactly(
                        "walrelay.conf:1 wal_keep_size 1GB false -",
                        "walrelay.conf:2 - - false could not open file \"" + directory.resolve("missing.conf") + "\"",
                        "walrelay.conf:3 - - false syntax error");
    }
}
