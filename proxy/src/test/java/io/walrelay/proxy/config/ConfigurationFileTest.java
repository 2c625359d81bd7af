package io.walrelay.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The expectations are what PostgreSQL 15 makes of the same lines (postgres -C). */
final class ConfigurationFileTest {
    @TempDir
    private Path directory;

    private final List<Problem> problems = new ArrayList<>();

    private List<String> read(String text) throws IOException {
        Path file = directory.resolve("walrelay.conf");
        Files.writeString(file, text);
        return new ConfigurationFile(problems)
                .read(file).stream().map(a -> a.name() + "=" + a.text()).toList();
    }

    private List<String> messages() {
        return problems.stream()
                .map(problem -> problem.message().replace(directory + "/", ""))
                .toList();
    }

    static Stream<Arguments> goodLines() {
        return Stream.of(
                Arguments.of("port = 5", "port=5"),
                Arguments.of("port 5", "port=5"),
                Arguments.of("port=5 # comment", "port=5"),
                Arguments.of(" \tport\t'5'\r\n", "port=5"),
                Arguments.of("a.b = 3", "a.b=3"),
                Arguments.of("n = on", "n=on"),
                Arguments.of("n = a-b.c:d/e", "n=a-b.c:d/e"),
                Arguments.of("n = 5min", "n=5min"),
                Arguments.of("n = -0x1F", "n=-0x1F"),
                Arguments.of("n = 5.5", "n=5.5"),
                Arguments.of("n = ''", "n="),
                Arguments.of("n = 'a''b'", "n=a'b"),
                Arguments.of("n = 'a\\'b\\\\c\\x'", "n=a'b\\cx"),
                Arguments.of("n = '\\101\\n\\t\\0601'", "n=A\n\t01"),
                Arguments.of("n = 'a\\0b'", "n=a"),
                Arguments.of("n = '#no comment'", "n=#no comment"),
                Arguments.of("n = 'größe'", "n=größe"),
                Arguments.of("größe = ü", "größe=ü"));
    }

    @ParameterizedTest
    @MethodSource("goodLines")
    void lineIsReadAsPostgresReadsIt(String line, String expected) throws IOException {
        assertThat(read(line)).containsExactly(expected);
        assertThat(problems).isEmpty();
    }

    static Stream<Arguments> badLines() {
        return Stream.of(
                Arguments.of("port = 1 2", "near token \"2\""),
                Arguments.of("port", "near end of line"),
                Arguments.of("port =", "near end of line"),
                Arguments.of("= 3", "near token \"=\""),
                Arguments.of("n = a.b", "near token \"a.b\""),
                Arguments.of("port = 1e3", "near token \"3\""),
                Arguments.of("t = 1.5min", "near token \"min\""),
                Arguments.of("t = 1 min", "near token \"min\""),
                Arguments.of("'port' = 3", "near token \"'port'\""),
                Arguments.of("port = '3", "near token \"'\""),
                Arguments.of("port = = 3", "near token \"=\""),
                Arguments.of("port ; 3", "near token \";\""));
    }

    @ParameterizedTest
    @MethodSource("badLines")
    void syntaxErrorNamesFileLineAndToken(String line, String near) throws IOException {
        assertThat(read("a = 1\n" + line + "\nb = 2\n")).containsExactly("a=1", "b=2");
        assertThat(messages()).containsExactly("syntax error in file \"walrelay.conf\" line 2, " + near);
    }

    @Test
    void fileIsAbandonedAfterAHundredSyntaxErrors() throws IOException {
        assertThat(read("=\n".repeat(150) + "a = 1\n")).isEmpty();
        assertThat(messages())
                .hasSize(101)
                .last()
                .isEqualTo("too many syntax errors found, abandoning file \"walrelay.conf\"");
    }

    @Test
    void includedFilesCountWhereTheyStandAndRelativePathsCountFromTheIncludingFile() throws IOException {
        // Given
        Files.createDirectories(directory.resolve("conf.d/deep"));
        Files.writeString(directory.resolve("conf.d/b.conf"), "b = 1\ninclude 'deep/c.conf'\n");
        Files.writeString(directory.resolve("conf.d/a.conf"), "a = 1\n");
        Files.writeString(directory.resolve("conf.d/.hidden.conf"), "hidden = 1\n");
        Files.writeString(directory.resolve("conf.d/notes.txt"), "notes = 1\n");
        Files.writeString(directory.resolve("conf.d/deep/c.conf"), "c = 1\n");

        // When
        List<String> assignments =
                read("x = 1\ninclude_dir 'conf.d'\nINCLUDE = 'conf.d/a.conf'\ninclude_if_exists 'nope'\ny = 2\n");

        // Then
        assertThat(problems).isEmpty();
        assertThat(assignments).containsExactly("x=1", "a=1", "b=1", "c=1", "a=1", "y=2");
    }

    @Test
    void includeThatFailsIsReportedWithItsPlace() throws IOException {
        read("include 'nope'\ninclude ''\ninclude_dir ''\ninclude_dir 'nodir'\ninclude 'walrelay.conf'\n");

        assertThat(messages())
                .containsExactly(
                        "could not open configuration file \"nope\": No such file or directory in file"
                                + " \"walrelay.conf\" line 1",
                        "empty configuration file name: \"\" in file \"walrelay.conf\" line 2",
                        "empty configuration directory name: \"\" in file \"walrelay.conf\" line 3",
                        "could not open configuration directory \"nodir\": No such file or directory in file"
                                + " \"walrelay.conf\" line 4",
                        "configuration file recursion in \"walrelay.conf\" in file \"walrelay.conf\" line 5");
    }

    @Test
    void filesThatIncludeEachOtherEndAtTheNestingLimit() throws IOException {
        Files.writeString(directory.resolve("other.conf"), "include 'walrelay.conf'\n");

        read("include 'other.conf'\n");

        assertThat(messages())
                .containsExactly(
                        "could not open configuration file \"other.conf\": maximum nesting depth exceeded in file"
                                + " \"walrelay.conf\" line 1");
    }

    @Test
    void elevenNestedFilesAreReadAndATwelfthIsNot() throws IOException {
        for (int i = 1; i <= 10; i++) {
            Files.writeString(directory.resolve(i + ".conf"), "n = " + i + "\ninclude '" + (i + 1) + ".conf'\n");
        }
        Files.writeString(directory.resolve("11.conf"), "n = 11\n");

        assertThat(read("include '1.conf'\n")).hasSize(10).last().isEqualTo("n=10");
        assertThat(messages()).singleElement().asString().contains("\"11.conf\": maximum nesting depth exceeded");
    }
}
