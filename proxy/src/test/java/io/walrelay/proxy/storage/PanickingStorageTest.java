package io.walrelay.proxy.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walrelay.proxy.fixture.WatchedStorage;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PanickingStorageTest {
    @TempDir
    private Path directory;

    private final WatchedStorage disk = new WatchedStorage();
    private final Storage storage = new PanickingStorage(disk, failure -> {
        throw new Panic(failure);
    });

    /** The program has ended. */
    private static final class Panic extends Error {
        private static final long serialVersionUID = 1L;

        Panic(IOException failure) {
            super(failure);
        }
    }

    @Test
    void aDirectoryWhoseNameCannotBeMadeDurableEndsTheProgram() {
        // Given
        disk.fail("sync directory " + directory.getFileName(), "Input/output error");

        // When, Then
        assertThatThrownBy(() -> storage.createDirectories(directory.resolve("a/b")))
                .isInstanceOf(Panic.class)
                .hasRootCauseMessage("Input/output error");
        assertThat(directory.resolve("a/b")).doesNotExist();
    }

    @Test
    void aFailedSyncOfTheContentsOrOfTheNameOfAFileEndsTheProgram() {
        for (String sync : new String[] {"sync file.tmp", "sync directory"}) {
            // Given
            disk.fail(sync, "Input/output error");

            // When, Then
            assertThatThrownBy(() -> storage.replace(directory.resolve("file"), new byte[1]))
                    .as(sync)
                    .isInstanceOf(Panic.class);
        }
    }

    @Test
    void aFailedWriteIsTheCallersToDealWith() {
        // Given
        disk.fail("write file.tmp");

        // When, Then
        assertThatThrownBy(() -> storage.replace(directory.resolve("file"), new byte[1]))
                .isInstanceOf(IOException.class)
                .hasMessage("No space left on device");
    }
}
