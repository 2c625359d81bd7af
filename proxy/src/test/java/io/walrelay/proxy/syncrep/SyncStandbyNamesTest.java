package io.walrelay.proxy.syncrep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.entry;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SyncStandbyNamesTest {
    @Test
    void thereIsNoSynchronousStandbyInAnEmptyText() throws StandbyNamesException {
        assertThat(SyncStandbyNames.parse("")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "s1 | PRIORITY | 1 | s1",
                "s1, s2 | PRIORITY | 1 | s1;s2",
                "2 (s1,s2 , s3) | PRIORITY | 2 | s1;s2;s3",
                "FIRST 3 (a, b, c) | PRIORITY | 3 | a;b;c",
                "first 1(a) | PRIORITY | 1 | a",
                "Any 2 (a, b, c) | QUORUM | 2 | a;b;c",
                "* | PRIORITY | 1 | *",
                "ANY 2 (*) | QUORUM | 2 | *",
                "2 | PRIORITY | 1 | 2",
                "2, 3 | PRIORITY | 1 | 2;3",
                "1 (2, 007) | PRIORITY | 1 | 2;007",
                "\"any\", \"FIRST\" | PRIORITY | 1 | any;FIRST",
                "\"a \"\"b\"\" c\" | PRIORITY | 1 | a \"b\" c",
                "\"\" | PRIORITY | 1 | ",
                "_a$1, ünï | PRIORITY | 1 | _a$1;ünï",
                "first1, anyone | PRIORITY | 1 | first1;anyone",
                "10 (a) | PRIORITY | 10 | a",
                "4294967297 (a) | PRIORITY | 1 | a",
            })
    void theGrammarIsPostgreSqls(String text, SyncMethod method, int count, @Nullable String members)
            throws StandbyNamesException {
        List<String> names = members == null ? List.of("") : List.of(members.split(";", -1));
        assertThat(SyncStandbyNames.parse(text)).contains(new SyncStandbyNames(method, count, names));
    }

    @ParameterizedTest
    @ValueSource(strings = {" s1", "s1\t", "\n1\r(\fs1\u000B)\n"})
    void whiteSpaceIsPassedOver(String text) throws StandbyNamesException {
        assertThat(SyncStandbyNames.parse(text)).contains(new SyncStandbyNames(SyncMethod.PRIORITY, 1, List.of("s1")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            ignoreLeadingAndTrailingWhitespace = true,
            value = {
                "any | syntax error at end of input",
                "any, b | syntax error at or near \",\"",
                "a b | syntax error at or near \"b\"",
                "a, | syntax error at end of input",
                ", a | syntax error at or near \",\"",
                "(a) | syntax error at or near \"(\"",
                "1 (a | syntax error at end of input",
                "1 () | syntax error at or near \")\"",
                "1 (a) b | syntax error at or near \"b\"",
                "FIRST (a) | syntax error at or near \"(\"",
                "FIRST n (a) | syntax error at or near \"n\"",
                "ANY 1 a | syntax error at or near \"a\"",
                "-1 (a) | syntax error at or near \"-\"",
                "a-b | syntax error at or near \"-\"",
                "a, First | syntax error at or near \"First\"",
                "a \"b\" | syntax error at or near \"\"\"",
                "1.5 (a) | syntax error at or near \".\"",
                "\"a | unterminated quoted identifier at end of input",
                "a, \"b\"\" | unterminated quoted identifier at end of input",
            })
    void whatIsWrongIsSaidInPostgreSqlsWords(String text, String detail) {
        assertThatExceptionOfType(StandbyNamesException.class)
                .isThrownBy(() -> SyncStandbyNames.parse(text))
                .satisfies(e -> assertThat(e.detail()).contains(detail));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"0 (a) | 0", "4294967296 (a) | 0", "2147483648 (a) | -2147483648", "99999999999999999999 (a) | -1"
            })
    void aNumberOfStandbysBelowOneIsRefusedWithAMessageOfItsOwn(String text, int number) {
        assertThatExceptionOfType(StandbyNamesException.class)
                .isThrownBy(() -> SyncStandbyNames.parse(text))
                .satisfies(e -> assertThat(e.detail()).isEmpty())
                .withMessage("number of synchronous standbys (%d) must be greater than zero", number);
    }

    @Test
    void priorityIsThePlaceInTheListWhateverTheCase() throws StandbyNamesException {
        // Given
        SyncStandbyNames names = parse("s1, S2, \"s 3\", s2, *");

        // When / Then
        assertThat(names.priority("s1")).isEqualTo(1);
        assertThat(names.priority("S1")).isEqualTo(1);
        assertThat(names.priority("s2")).isEqualTo(2);
        assertThat(names.priority("S 3")).isEqualTo(3);
        assertThat(names.priority("other")).isEqualTo(5);
        assertThat(names.priority("")).isEqualTo(5);
    }

    @Test
    void onlyTheLettersOfAsciiHaveACase() throws StandbyNamesException {
        SyncStandbyNames names = parse("Äa");

        assertThat(names.priority("ÄA")).isEqualTo(1);
        assertThat(names.priority("äa")).isZero();
    }

    @Test
    void inAQuorumAllHaveTheSamePriority() throws StandbyNamesException {
        SyncStandbyNames names = parse("ANY 1 (s1, s2)");

        assertThat(List.of(entry("s1", 1), entry("s2", 1), entry("s3", 0)))
                .allSatisfy(expected ->
                        assertThat(names.priority(expected.getKey())).isEqualTo(expected.getValue()));
    }

    @Test
    void aStarInQuotesIsAStarToo() throws StandbyNamesException {
        assertThat(parse("\"*\"").priority("anything")).isEqualTo(1);
    }

    @Test
    void aPartOfANameIsAnotherName() throws StandbyNamesException {
        SyncStandbyNames names = parse("standby");

        assertThat(names.priority("stand")).isZero();
        assertThat(names.priority("standby1")).isZero();
    }

    private static SyncStandbyNames parse(String text) throws StandbyNamesException {
        Optional<SyncStandbyNames> names = SyncStandbyNames.parse(text);
        return names.orElseThrow();
    }
}
