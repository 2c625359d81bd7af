package io.walrelay.wire.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

final class PgExceptionTest {
    private final List<Throwable> unexpected = new ArrayList<>();

    @Test
    void whatAFutureFailedWithIsFoundBehindAnyNumberOfWrappings() {
        // Given
        PgException refused = PgException.error(SqlState.DUPLICATE_OBJECT, "replication slot \"a\" already exists");

        // When
        PgException reason = PgException.of(new CompletionException(new CompletionException(refused)), unexpected::add);

        // Then
        assertThat(reason).isSameAs(refused);
        assertThat(PgException.of(refused, unexpected::add)).isSameAs(refused);
        assertThat(unexpected).isEmpty();
    }

    @Test
    void aDefectBecomesAnInternalErrorAndIsTold() {
        // Given
        IllegalStateException defect = new IllegalStateException("no such state");

        // When
        PgException reason = PgException.of(new CompletionException(defect), unexpected::add);

        // Then
        assertThat(reason.sqlState()).isEqualTo(SqlState.INTERNAL_ERROR);
        assertThat(reason.message()).contains("no such state");
        assertThat(reason).hasCause(defect);
        assertThat(unexpected).containsExactly(defect);
    }

    @Test
    void aWrappingWithNothingInItIsADefectItself() {
        // Given
        CompletionException empty = new CompletionException("empty", null);

        // When
        PgException reason = PgException.of(empty, unexpected::add);

        // Then
        assertThat(reason).hasCause(empty);
        assertThat(unexpected).containsExactly(empty);
    }
}
