package io.walrelay.proxy.hba;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.walrelay.proxy.config.ConfigurationException;
import io.walrelay.proxy.config.Problem;
import io.walrelay.wire.auth.ScramVerifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RoleFileTest {
    private static final String VERIFIER =
            ScramVerifier.derive("pencil", new byte[16], 4096).format();

    @TempDir
    private Path directory;

    private Path file(String text, String permissions) throws Exception {
        Path file = directory.resolve("users.txt");
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
        return file;
    }

    @Test
    void verifiersAreReadAndPasswordsAreHashed() throws Exception {
        Path file = file(
                "; comment\n\n\"standby\" \"%s\"\n \"a \"\"b\"\"\"\t\"geheim\" ignored\n".formatted(VERIFIER),
                "rw-r-----");

        Map<String, ScramVerifier> roles = RoleFile.load(Optional.of(file));

        assertThat(roles).containsOnlyKeys("standby", "a \"b\"");
        assertThat(roles.get("standby")).extracting(ScramVerifier::format).isEqualTo(VERIFIER);
        ScramVerifier hashed = Objects.requireNonNull(roles.get("a \"b\""));
        assertThat(ScramVerifier.derive("geheim", hashed.salt(), hashed.iterations())
                        .format())
                .isEqualTo(hashed.format());
    }

    @Test
    void everyProblemIsReportedWithoutTheSecret() throws Exception {
        Path file = file("""
                standby geheim
                "a" "SCRAM-SHA-256$geheim"
                "b" "md50123456789abcdef0123456789abcdef"
                "c" ""
                "d" "x"
                "d" "geheim"
                """, "rw-r--r--");

        ConfigurationException e = catchThrowableOfType(ConfigurationException.class, () -> RoleFile.parse(file));

        String place = " in file \"" + file + "\" line ";
        assertThat(e.problems())
                .extracting(Problem::message)
                .containsExactly(
                        "file \"" + file + "\" has group or world access",
                        "syntax error" + place + 1,
                        "invalid SCRAM secret for user \"a\"" + place + 2,
                        "user \"b\" has an MD5 password" + place + 3,
                        "user name or secret is empty" + place + 4,
                        "user \"d\" occurs twice" + place + 6);
        assertThat(e.getMessage()).doesNotContain("geheim");
    }

    @Test
    void nobodyIsKnownWithoutAFile() throws Exception {
        assertThat(RoleFile.load(Optional.empty())).isEmpty();
    }
}
