package io.walrelay.proxy.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walrelay.proxy.fixture.WatchedStorage;
import io.walrelay.proxy.storage.LocalStorage;
import io.walrelay.proxy.storage.Storage;
import io.walrelay.replication.ServerVersion;
import io.walrelay.replication.SystemIdentifier;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.WalSegmentSize;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ControlFileTest {
    private static final ControlFile CONTROL = new ControlFile(
            SystemIdentifier.parse("18446744073709551615"),
            WalSegmentSize.parse("1GB"),
            TimelineId.parse("4294967295"),
            ServerVersion.parse("15.18 (Debian 15.18-0+deb12u1)"),
            Instant.parse("2026-01-02T03:04:05.678Z"));

    @TempDir
    private Path directory;

    private final Storage storage = new LocalStorage();

    private static byte[] withCrc(String text) {
        byte[] body = text.getBytes(StandardCharsets.ISO_8859_1);
        CRC32C crc = new CRC32C();
        crc.update(body);
        return ByteBuffer.allocate(body.length + 4)
                .put(body)
                .putInt((int) crc.getValue())
                .array();
    }

    @Test
    void whatWasWrittenIsRead() throws Exception {
        // When
        CONTROL.write(storage, directory);

        // Then
        assertThat(ControlFile.read(storage, directory)).contains(CONTROL);
        assertThat(storage.list(directory)).containsExactly("walrelay.control");
    }

    @Test
    void aNewDirectoryHasNone() throws Exception {
        assertThat(ControlFile.read(storage, directory)).isEmpty();
    }

    @Test
    void everyDamagedByteIsNoticed() throws Exception {
        // Given
        CONTROL.write(storage, directory);
        Path file = directory.resolve("walrelay.control");
        byte[] good = Files.readAllBytes(file);

        for (int i = 0; i < good.length; i++) {
            // When
            byte[] bad = good.clone();
            bad[i] ^= 1;
            Files.write(file, bad);

            // Then
            assertThatThrownBy(() -> ControlFile.read(storage, directory))
                    .as("byte %s", i)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("incorrect checksum");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"status walrelay.control", "read walrelay.control"})
    void aDirectoryWhoseControlFileCannotBeReadIsNotTakenForANewOne(String operation) throws Exception {
        // Given
        WatchedStorage watched = new WatchedStorage();
        CONTROL.write(watched, directory);
        watched.fail(operation, "Input/output error");

        // When, Then
        assertThatThrownBy(() -> ControlFile.read(watched, directory))
                .isInstanceOf(IOException.class)
                .hasMessage("Input/output error");
    }

    @Test
    void aShortFileIsDamaged() throws Exception {
        // Given
        Files.writeString(directory.resolve("walrelay.control"), "WAL");

        // When, Then
        assertThatThrownBy(() -> ControlFile.read(storage, directory))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is damaged");
    }

    @Test
    void anotherProgramsFileAndAnUnknownVersionAreRefused() throws Exception {
        // Given
        Path file = directory.resolve("walrelay.control");

        // When, Then
        Files.write(file, withCrc("some other file"));
        assertThatThrownBy(() -> ControlFile.read(storage, directory))
                .hasMessageContaining("is not a control file of walrelay");
        Files.write(file, withCrc("WALR\0\0\0\2 what version 2 will have"));
        assertThatThrownBy(() -> ControlFile.read(storage, directory))
                .hasMessageContaining("has version 2, this program reads version 1");
    }
}
