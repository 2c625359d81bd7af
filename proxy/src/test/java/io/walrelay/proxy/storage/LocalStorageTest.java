package io.walrelay.proxy.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walrelay.proxy.fixture.PageCache;
import io.walrelay.proxy.fixture.WatchedStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LocalStorageTest {
    @TempDir
    private Path directory;

    private final Storage storage = new LocalStorage();

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void whatRemainsOfABufferIsWrittenFromThePosition() throws Exception {
        // Given
        Path path = directory.resolve("file");
        Files.writeString(path, "......");

        // When
        try (StoredFile file = storage.openToWrite(path)) {
            file.write(2, ByteBuffer.wrap(text("<abcd>"), 1, 2));
            file.write(8, ByteBuffer.allocateDirect(3).put(text("xyz")).flip());
        }

        // Then
        assertThat(path).hasContent("..ab..\0\0xyz");
    }

    @Test
    void readingBehindTheEndGivesWhatThereIs() throws Exception {
        // Given
        Path path = directory.resolve("file");
        Files.writeString(path, "abcdef");

        try (StoredFile file = storage.openToRead(path)) {
            // When
            ByteBuffer some = ByteBuffer.allocate(10);
            int read = file.read(4, some);
            int nothing = file.read(6, ByteBuffer.allocate(1));

            // Then
            assertThat(read).isEqualTo(2);
            assertThat(some.flip()).isEqualTo(ByteBuffer.wrap(text("ef")));
            assertThat(nothing).isZero();
            assertThat(file.size()).isEqualTo(6);
        }
    }

    @Test
    void aPartThatIsLoadedIsInMemoryThen() throws Exception {
        // Given
        Path path = directory.resolve("file");
        Files.write(path, new byte[16 << 20]);
        PageCache.drop(path);

        // When
        try (StoredFile file = storage.openToRead(path)) {
            file.load(8 << 20, 4 << 20);
        }

        // Then
        assertThat(PageCache.isLoaded(path, 8 << 20, 4 << 20)).isTrue();
        assertThat(PageCache.isLoaded(path, 0, 8 << 20)).isFalse();
    }

    @Test
    void whatIsToBeLoadedMayEndBehindTheFile() throws Exception {
        // Given
        Path path = directory.resolve("file");
        Files.write(path, new byte[10_000]);

        // When
        try (StoredFile file = storage.openToRead(path)) {
            file.load(8192, 1 << 20);
            file.load(1 << 20, 1 << 20);

            // Then
            assertThat(file.size()).isEqualTo(10_000);
        }
    }

    @Test
    void filesAndDirectoriesAreTheOwnersAlone() throws Exception {
        // When
        Path inner = directory.resolve("a/b");
        storage.createDirectories(inner);
        storage.replace(inner.resolve("file"), text("x"));

        // Then
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(inner)))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(inner.resolve("file"))))
                .isEqualTo("rw-------");
    }

    @Test
    void eachNewDirectoryIsDurableBeforeAnythingIsMadeInIt() throws Exception {
        // Given
        WatchedStorage watched = new WatchedStorage();

        // When
        watched.createDirectories(directory.resolve("a/b"));

        // Then
        assertThat(watched.operations())
                .endsWith(
                        "create directory a",
                        "sync directory " + directory.getFileName(),
                        "create directory b",
                        "sync directory a");
    }

    @Test
    void aDirectoryThatAnEarlierStartMayHaveLeftUnsyncedIsMadeDurable() throws Exception {
        // Given: killed between the two
        WatchedStorage watched = new WatchedStorage();
        watched.createDirectory(directory.resolve("a"));
        watched.forget();

        // When
        watched.createDirectories(directory.resolve("a"));

        // Then
        assertThat(watched.operations()).containsExactly("sync directory " + directory.getFileName());
    }

    @Test
    void whatIsThereIsNotCreatedAndWhatIsNotThereIsNotOpened() throws Exception {
        // Given
        Path path = directory.resolve("file");
        storage.create(path).close();

        // When, Then
        assertThatThrownBy(() -> storage.create(path)).isInstanceOf(FileAlreadyExistsException.class);
        assertThatThrownBy(() -> storage.openToRead(directory.resolve("other")))
                .isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> storage.openToWrite(directory.resolve("other")))
                .isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void aFileIsReplacedDurablyAndAsAWhole() throws Exception {
        // Given
        WatchedStorage watched = new WatchedStorage();
        Path path = directory.resolve("file");
        watched.replace(path, text("old"));
        Files.writeString(directory.resolve("file.tmp"), "left by a crash");
        watched.forget();

        // When
        watched.replace(path, text("new"));

        // Then
        assertThat(path).hasContent("new");
        assertThat(watched.operations())
                .containsExactly(
                        "create file.tmp",
                        "write file.tmp",
                        "sync file.tmp",
                        "rename file.tmp to file",
                        "sync directory " + directory.getFileName());
        assertThat(storage.list(directory)).containsExactly("file");
    }

    @Test
    void theOldContentsStayWhenTheNewOnesCannotBeWritten() throws Exception {
        // Given
        WatchedStorage watched = new WatchedStorage();
        Path path = directory.resolve("file");
        watched.replace(path, text("old"));

        // When
        for (String broken : new String[] {"write", "sync file", "rename"}) {
            watched.fail(broken);
            assertThatThrownBy(() -> watched.replace(path, text("new"))).isInstanceOf(IOException.class);
        }

        // Then
        assertThat(path).hasContent("old");
    }

    @Test
    void theVersionOfAFileTellsWhetherAnybodyHasWrittenToItOrPutAnotherIntoItsPlace() throws Exception {
        // Given
        Path file = directory.resolve("file");
        Path other = directory.resolve("other");
        Files.write(file, new byte[] {1, 2, 3});
        FileVersion first = storage.version(file);
        FileTime modified = Files.getLastModifiedTime(file);

        // When, Then
        Files.readAllBytes(file);
        assertThat(storage.version(file)).isEqualTo(first);
        awaitTick(other);
        Files.write(file, new byte[] {1, 2, 4});
        Files.setLastModifiedTime(file, modified);
        FileVersion second = storage.version(file);
        assertThat(second).isNotEqualTo(first);
        Files.copy(file, other, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
        Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
        assertThat(storage.version(file)).isNotEqualTo(second);
        Files.delete(file);
        assertThatThrownBy(() -> storage.version(file)).isInstanceOf(NoSuchFileException.class);
    }

    /** The clock that files are stamped with ticks in milliseconds on some kernels. */
    private void awaitTick(Path scratch) throws IOException {
        Files.write(scratch, new byte[1]);
        FileVersion before = storage.version(scratch);
        while (storage.version(scratch).equals(before)) {
            Files.write(scratch, new byte[1]);
        }
    }
}
