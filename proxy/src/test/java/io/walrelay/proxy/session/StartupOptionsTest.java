package io.walrelay.proxy.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walrelay.wire.error.PgException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StartupOptionsTest {
    @Test
    void settingsAreReadInEveryForm() {
        assertThat(StartupOptions.parse(" -c a=1 -cdatestyle=iso\t--wal-sender-timeout=3s -c e= -c x=a=b "))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("a", "1", "datestyle", "iso", "wal_sender_timeout", "3s", "e", "", "x", "a=b"));
    }

    @Test
    void aBackslashKeepsABlankInAValue() {
        assertThat(StartupOptions.parse("-c a=one\\ two\\\\three -c b=x\\"))
                .containsExactlyInAnyOrderEntriesOf(Map.of("a", "one two\\three", "b", "x\\"));
    }

    @Test
    void theLastOfTwoWins() {
        assertThat(StartupOptions.parse("-c a=1 -c a=2")).isEqualTo(Map.of("a", "2"));
        assertThat(StartupOptions.parse("")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-c", "-x", "word", "--", "-c a", "--a"})
    void anythingElseIsRefused(String options) {
        assertThatThrownBy(() -> StartupOptions.parse(options))
                .isInstanceOfSatisfying(
                        PgException.class,
                        refused -> assertThat(refused.sqlState().code()).isEqualTo("42601"));
    }
}
