package io.walrelay.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReloadingTest {
    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void name() {
        file = directory.resolve("walrelay.conf");
    }

    private Configuration before(String text, String... overrides) throws Exception {
        Files.writeString(file, text);
        return Configuration.load(file, List.of(overrides));
    }

    private Reload reload(Configuration old, String text) throws Exception {
        Files.writeString(file, text);
        return old.reload();
    }

    private String endsWith(String what) {
        return "configuration file \"" + file + "\" contains errors; " + what;
    }

    @Test
    void whatMayChangeChangesAndTheRestWaitsForARestart() throws Exception {
        // Given
        Configuration old = before("port = 1\ncluster_name = a\nwal_sender_timeout = 10s\nwal_receiver_timeout = 7s\n");

        // When
        Reload reload =
                reload(old, "port = 2\nwal_sender_timeout = 20000ms\nwal_receiver_status_interval = '10000ms'\n");

        // Then
        Configuration now = reload.configuration();
        assertThat(reload.applied()).isTrue();
        assertThat(now.get(Settings.PORT)).isEqualTo(1);
        assertThat(now.needsRestart(Settings.PORT)).isTrue();
        assertThat(now.needsRestart(Settings.CLUSTER_NAME)).isTrue();
        assertThat(now.get(Settings.WAL_SENDER_TIMEOUT)).isEqualTo(Duration.ofSeconds(20));
        assertThat(now.get(Settings.WAL_RECEIVER_TIMEOUT)).isEqualTo(Duration.ofMinutes(1));
        assertThat(old.get(Settings.WAL_SENDER_TIMEOUT)).isEqualTo(Duration.ofSeconds(10));
        assertThat(reload.messages())
                .containsExactlyInAnyOrder(
                        "parameter \"cluster_name\" cannot be changed without restarting the server",
                        "parameter \"wal_receiver_timeout\" removed from configuration file, reset to default",
                        "parameter \"port\" cannot be changed without restarting the server",
                        "parameter \"wal_sender_timeout\" changed to \"20000ms\"",
                        endsWith("unaffected changes were applied"))
                .endsWith(endsWith("unaffected changes were applied"));
    }

    @Test
    void aBadValueLeavesItsSettingAloneAndTheOthersChange() throws Exception {
        Configuration old = before("wal_sender_timeout = 10s\nwal_keep_size = 1GB\n");

        Reload reload = reload(old, "wal_sender_timeout = 20s\nwal_keep_size = much\n");

        assertThat(reload.configuration().get(Settings.WAL_SENDER_TIMEOUT)).isEqualTo(Duration.ofSeconds(20));
        assertThat(reload.configuration().show(Settings.WAL_KEEP_SIZE)).isEqualTo("1GB");
        assertThat(reload.messages())
                .containsExactly(
                        "parameter \"wal_sender_timeout\" changed to \"20s\"",
                        "invalid value for parameter \"wal_keep_size\": \"much\" in file \"" + file + "\" line 2",
                        endsWith("unaffected changes were applied"));
    }

    @Test
    void aSettingThatDoesNotExistKeepsAllAsItWas() throws Exception {
        Configuration old = before("wal_sender_timeout = 10s\n");

        Reload reload = reload(old, "wal_sender_timeout = 20s\nfoo = 1\nwal_keep_size = much\n");

        assertThat(reload.applied()).isFalse();
        assertThat(reload.configuration()).isSameAs(old);
        assertThat(reload.messages())
                .containsExactly(
                        "unrecognized configuration parameter \"foo\" in file \"" + file + "\" line 2",
                        endsWith("no changes were applied"));
    }

    @Test
    void aSyntaxErrorKeepsAllAsItWasAndNoNameIsLookedAt() throws Exception {
        Configuration old = before("wal_sender_timeout = 10s\n");

        Reload reload = reload(old, "wal_sender_timeout = 20s\nfoo = 1\nport 1 2\n");

        assertThat(reload.configuration()).isSameAs(old);
        assertThat(reload.messages())
                .containsExactly(
                        "syntax error in file \"" + file + "\" line 3, near token \"2\"",
                        endsWith("no changes were applied"));
    }

    @Test
    void whatTheCommandLineSaysWinsAndWhatTheFileSaysIsLookedAtAllTheSame() throws Exception {
        Configuration old = before("", "port=1", "wal_keep_size=1GB");

        Reload reload = reload(old, "port = 2\nwal_keep_size = 2GB\n");

        assertThat(reload.configuration().get(Settings.PORT)).isEqualTo(1);
        assertThat(reload.configuration().show(Settings.WAL_KEEP_SIZE)).isEqualTo("1GB");
        assertThat(reload.messages())
                .containsExactly(
                        "parameter \"port\" cannot be changed without restarting the server",
                        endsWith("unaffected changes were applied"));
    }

    @Test
    void aSettingThatIsTakenBackNeedsNoRestart() throws Exception {
        Configuration old = reload(before("port = 1\n"), "port = 2\n").configuration();

        Reload reload = reload(old, "port = 1\n");

        assertThat(reload.configuration().needsRestart(Settings.PORT)).isFalse();
        assertThat(reload.messages()).isEmpty();
    }
}
