package io.walrelay.proxy.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TarUnpackerTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path directory;

    @Test
    void filesDirectoriesAndLinksAreUnpackedWithTheirModes() throws IOException {
        // Given
        TarArchiveEntry folder = new TarArchiveEntry("bin/");
        folder.setMode(040750);
        tar.putArchiveEntry(folder);
        tar.closeArchiveEntry();
        file("bin/postgres", 0100755, "program");
        link("bin/postmaster", "postgres");

        // When
        TarUnpacker.unpack(archive(), directory.resolve("target"));

        // Then
        Path program = directory.resolve("target/bin/postgres");
        assertThat(program).hasContent("program");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(program)))
                .isEqualTo("rwxr-xr-x");
        assertThat(directory.resolve("target/bin/postmaster")).isSymbolicLink().hasContent("program");
    }

    @Test
    void archiveWithoutTrailerIsUnpacked() throws IOException {
        // Given
        file("PG_VERSION", 0100600, "14");
        tar.flush();
        byte[] withoutTrailer = bytes.toByteArray();

        // When
        TarUnpacker.unpack(new ByteArrayInputStream(withoutTrailer), directory.resolve("target"));

        // Then
        assertThat(directory.resolve("target/PG_VERSION")).hasContent("14");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../outside", "a/../../outside"})
    void fileThatWouldLeaveTheTargetIsRefused(String name) throws IOException {
        // Given
        file(name, 0100600, "evil");
        ByteArrayInputStream archive = archive();

        // When
        assertThatThrownBy(() -> TarUnpacker.unpack(archive, directory.resolve("target")))

                // Then
                .isInstanceOf(IOException.class)
                .hasMessageContaining("leads out of");
        assertThat(directory.resolve("outside")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../outside", "/etc/passwd"})
    void linkThatWouldLeaveTheTargetIsRefused(String target) throws IOException {
        // Given
        link("a/link", target);
        ByteArrayInputStream archive = archive();

        // When
        assertThatThrownBy(() -> TarUnpacker.unpack(archive, directory.resolve("target")))

                // Then
                .isInstanceOf(IOException.class)
                .hasMessageContaining("leads out of");
    }

    private void file(String name, int mode, String content) throws IOException {
        byte[] data = content.getBytes(StandardCharsets.UTF_8);
        TarArchiveEntry entry = new TarArchiveEntry(name, true);
        entry.setMode(mode);
        entry.setSize(data.length);
        tar.putArchiveEntry(entry);
        tar.write(data);
        tar.closeArchiveEntry();
    }

    private void link(String name, String target) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_SYMLINK);
        entry.setLinkName(target);
        tar.putArchiveEntry(entry);
        tar.closeArchiveEntry();
    }

    private ByteArrayInputStream archive() throws IOException {
        tar.close();
        return new ByteArrayInputStream(bytes.toByteArray());
    }
}
