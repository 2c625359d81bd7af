package io.walrelay.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compares walrelay.conf.sample and docs/settings.md with the catalogue. To write them anew:
 *
 * <pre>mvn -pl proxy -am test -Dtest=SettingsDocumentsTest -Dsurefire.failIfNoSpecifiedTests=false
 * -Dsettings.write=true</pre>
 */
final class SettingsDocumentsTest {
    private static final Path SAMPLE = repository().resolve("walrelay.conf.sample");
    private static final Path PAGE = repository().resolve("docs/settings.md");

    private static Path repository() {
        Path module = Path.of("").toAbsolutePath();
        return Files.isDirectory(module.resolve("proxy")) ? module : Objects.requireNonNull(module.getParent());
    }

    @Test
    void sampleFileIsThatOfTheCatalogue() throws IOException {
        assertDocument(SAMPLE, SettingsDocuments.sample());
    }

    @Test
    void settingsPageIsThatOfTheCatalogue() throws IOException {
        assertDocument(PAGE, SettingsDocuments.page());
    }

    private static void assertDocument(Path file, String expected) throws IOException {
        if (Boolean.getBoolean("settings.write")) {
            Files.createDirectories(Objects.requireNonNull(file.getParent()));
            Files.writeString(file, expected);
        }
        assertThat(Files.readString(file))
                .as("%s is not what the catalogue says; the comment of this test tells how to write it anew", file)
                .isEqualTo(expected);
    }

    @Test
    void sampleFileIsValidWithItsCommentsTakenAway(@TempDir Path directory) throws Exception {
        // Given: every setting set to what the sample shows
        List<String> lines = Files.readAllLines(SAMPLE).stream()
                .filter(line -> line.matches("#[a-z_]+ = .*"))
                .map(line -> line.substring(1))
                .toList();
        Path file = directory.resolve("walrelay.conf");
        Files.write(file, lines);

        // When
        Configuration configuration = Configuration.load(file, List.of());

        // Then
        Configuration defaults = Configuration.load(null, List.of());
        assertThat(lines).hasSameSizeAs(Settings.all());
        assertThat(Settings.all()).allSatisfy(setting -> {
            if (!(setting.type() instanceof SettingType.Location)) {
                assertThat(configuration.show(setting)).isEqualTo(defaults.show(setting));
            }
        });
    }

    @Test
    void namesAreUniqueAndFoundInAnyCase() {
        assertThat(Settings.all())
                .extracting(Setting::name)
                .doesNotHaveDuplicates()
                .allMatch(n -> n.matches("[a-z_]+"));
        assertThat(Settings.find("PORT")).contains(Settings.PORT);
        assertThat(Settings.find("nope")).isEmpty();
        assertThat(Settings.all()).extracting(Setting::doc).allMatch(doc -> doc.endsWith("."));
    }

    @Test
    void defaultIsWrittenAsShowPrintsIt() throws Exception {
        Configuration defaults = Configuration.load(null, List.of());

        assertThat(Settings.all())
                .filteredOn(setting -> !(setting.type() instanceof SettingType.Location))
                .allSatisfy(setting -> assertThat(defaults.show(setting)).isEqualToIgnoringCase(setting.defaultText()));
    }
}
