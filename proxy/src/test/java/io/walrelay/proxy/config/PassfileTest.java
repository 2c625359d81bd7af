package io.walrelay.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PassfileTest {
    @TempDir
    private Path directory;

    private Path file = Path.of("");

    @BeforeEach
    void writeFile() throws IOException {
        file = directory.resolve("pass file");
        Files.writeString(file, """
                # comment
                short:1
                a:5432:replication:u:one
                a:*:*:u2:two
                \\:\\:1:5432:replication:u:col\\:on
                *:*:*:empty:
                *:*:other:*:never
                *:*:*:last:with\\\\slash
                """);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private Passfile.Lookup find(String host, int port, String user) throws ConnectionInfoException {
        ConnectionInfo info =
                ConnectionInfo.parse("host=%s port=%d user=%s passfile='%s'".formatted(host, port, user, file));
        return info.password(info.hosts().getFirst());
    }

    @ParameterizedTest
    @CsvSource({
        "a, 5432, u, one",
        "a, 5433, u,",
        "b, 5432, u,",
        "a, 7, u2, two",
        "::1, 5432, u, col:on",
        "x, 1, empty,",
        "x, 1, last, with\\slash",
    })
    void passwordIsThatOfTheFirstLineThatMatches(String host, int port, String user, String password) throws Exception {
        assertThat(find(host, port, user).password()).isEqualTo(Optional.ofNullable(password));
    }

    @Test
    void fileThatOthersCanReadIsNotUsed() throws Exception {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));

        Passfile.Lookup lookup = find("a", 5432, "u");

        assertThat(lookup.password()).isEmpty();
        assertThat(lookup.warnings())
                .containsExactly(
                        "password file \"%s\" has group or world access; permissions should be u=rw (0600) or less"
                                .formatted(file));
    }

    @Test
    void directoryIsNoPasswordFile() throws Exception {
        file = directory;

        assertThat(find("a", 5432, "u").warnings())
                .containsExactly("password file \"%s\" is not a plain file".formatted(directory));
    }

    @Test
    void missingFileIsNothingToWarnOf() throws Exception {
        file = directory.resolve("none");

        assertThat(find("a", 5432, "u")).isEqualTo(new Passfile.Lookup(Optional.empty(), List.of()));
    }

    @Test
    void passwordInTheStringWinsOverTheFile() throws Exception {
        ConnectionInfo info = ConnectionInfo.parse("host=a user=u password=p passfile='" + file + "'");

        assertThat(info.password(info.hosts().getFirst()).password()).contains("p");
    }
}
