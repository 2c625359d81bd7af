package io.walrelay.proxy.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walrelay.proxy.fixture.WatchedStorage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FailStopStorageTest {
    @TempDir
    private Path directory;

    private final WatchedStorage disk = new WatchedStorage();
    private final List<IOException> stopped = new ArrayList<>();
    private final Storage storage = new FailStopStorage(disk, stopped::add);

    @Test
    void aFailedSyncOfAFileIsToldBeforeItCanBeTriedAgain() {
        // Given
        disk.fail("sync state.tmp");

        // When
        assertThatThrownBy(() -> storage.replace(directory.resolve("state"), new byte[1]))
                .isInstanceOf(IOException.class);

        // Then
        assertThat(stopped).hasSize(1);
    }

    @Test
    void aFailedSyncOfADirectoryIsToldBeforeItCanBeTriedAgain() {
        // Given
        disk.fail("sync directory");

        // When
        assertThatThrownBy(() -> storage.replace(directory.resolve("state"), new byte[1]))
                .isInstanceOf(IOException.class);

        // Then
        assertThat(stopped).hasSize(1);
    }

    @Test
    void aFullDiskIsNoFailedSync() {
        // Given
        disk.fail("write");

        // When
        assertThatThrownBy(() -> storage.replace(directory.resolve("state"), new byte[1]))
                .isInstanceOf(IOException.class);

        // Then
        assertThat(stopped).isEmpty();
    }
}
