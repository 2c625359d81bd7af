package io.walrelay.replication.timeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimelineHistoryTest {
    private static final TimelineId ONE = TimelineId.FIRST;
    private static final TimelineId TWO = TimelineId.of(2);
    private static final TimelineId FIVE = TimelineId.of(5);
    private static final TimelineId SEVEN = TimelineId.of(7);

    /** As a server writes it that was promoted thrice: the blank lines are PostgreSQL's own. */
    private static final String FILE = """
            1\t0/200FCA0\tno recovery target specified

            2\t1/80000000\tbefore 2026-01-01 00:00:00+00

            5\t1/80000000\t
            """;

    @Test
    void readsWhatServerWrites() throws TimelineHistoryException {
        TimelineHistory history = history(7, FILE);

        assertThat(history.timeline()).isEqualTo(SEVEN);
        assertThat(history.ancestors())
                .containsExactly(
                        new TimelineHistory.Entry(ONE, Lsn.parse("0/200FCA0"), "no recovery target specified"),
                        new TimelineHistory.Entry(TWO, Lsn.parse("1/80000000"), "before 2026-01-01 00:00:00+00"),
                        new TimelineHistory.Entry(FIVE, Lsn.parse("1/80000000"), ""));
        assertThat(history).hasToString("1 until 0/200FCA0, 2 until 1/80000000, 5 until 1/80000000, 7");
    }

    @Test
    void keepsTheBytesOfTheFile() throws TimelineHistoryException {
        // Given bytes that are no UTF-8
        byte[] file = {'#', (byte) 0xFF, '\r', '\n', ' ', '1', ' ', '0', '/', '5'};

        // When
        TimelineHistory history = TimelineHistory.parse(TWO, file);
        file[0] = 'x';

        // Then
        assertThat(history.file()).isEqualTo(new byte[] {'#', (byte) 0xFF, '\r', '\n', ' ', '1', ' ', '0', '/', '5'});
        assertThat(history.switchPoint(ONE)).contains(Lsn.parse("0/5"));
    }

    @Test
    void walksFromEachTimelineToTheOneRightBehindIt() throws TimelineHistoryException {
        TimelineHistory history = history(7, FILE);

        assertThat(history.next(ONE)).contains(TWO);
        assertThat(history.next(TWO)).contains(FIVE);
        assertThat(history.next(FIVE)).contains(SEVEN);
        assertThat(history.next(SEVEN)).isEmpty();
        assertThat(history.next(TimelineId.of(3))).isEmpty();
        assertThat(history.switchPoint(SEVEN)).isEmpty();
    }

    @Test
    void knowsWhichTimelineHoldsAnLsn() throws TimelineHistoryException {
        TimelineHistory history = history(7, FILE);

        assertThat(history.timelineAt(Lsn.parse("0/200FC9F"))).isEqualTo(ONE);
        assertThat(history.timelineAt(Lsn.parse("0/200FCA0"))).isEqualTo(TWO);
        assertThat(history.timelineAt(Lsn.parse("1/7FFFFFFF"))).isEqualTo(TWO);
        assertThat(history.timelineAt(Lsn.parse("1/80000000"))).isEqualTo(SEVEN);
        assertThat(history.timelineAt(Lsn.parse("FFFFFFFF/FFFFFFFF"))).isEqualTo(SEVEN);
        assertThat(history.begin(ONE)).isEqualTo(Lsn.INVALID);
        assertThat(history.begin(TWO)).isEqualTo(Lsn.parse("0/200FCA0"));
        assertThat(history.begin(SEVEN)).isEqualTo(Lsn.parse("1/80000000"));
        assertThat(history.contains(FIVE)).isTrue();
        assertThat(history.contains(TimelineId.of(6))).isFalse();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> history.begin(TimelineId.of(6)))
                .withMessage("requested timeline 6 is not in this server's history");
    }

    @Test
    void hasNoAncestorsWithoutFile() {
        assertThat(TimelineHistory.first().ancestors()).isEmpty();
        assertThat(TimelineHistory.first().file()).isEmpty();
        assertThat(TimelineHistory.withoutFile(TWO).timelineAt(Lsn.parse("0/1")))
                .isEqualTo(TWO);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "x 0/1|syntax error in history file: x 0/1|Expected a numeric timeline ID.",
                "-1 0/1|syntax error in history file: -1 0/1|Expected a numeric timeline ID.",
                "0 0/1|syntax error in history file: 0 0/1|Expected a numeric timeline ID.",
                "4294967296 0/1|syntax error in history file: 4294967296 0/1|Expected a numeric timeline ID.",
                "1|syntax error in history file: 1|Expected a write-ahead log switchpoint location.",
                "1 0|syntax error in history file: 1 0|Expected a write-ahead log switchpoint location.",
                "1 /1|syntax error in history file: 1 /1|Expected a write-ahead log switchpoint location.",
                "2 0/1;1 0/2|invalid data in history file: 1 0/2|Timeline IDs must be in increasing sequence.",
                "2 0/1;2 0/2|invalid data in history file: 2 0/2|Timeline IDs must be in increasing sequence.",
                "1 0/2;2 0/1|invalid data in history file: 2 0/1|Write-ahead log switchpoint locations must not decrease.",
                "7 0/2|invalid data in history file of timeline 7|Timeline IDs must be less than child timeline's ID."
            })
    void refusesFileThatCannotBeTrue(String file, String message, String hint) {
        assertThatExceptionOfType(TimelineHistoryException.class)
                .isThrownBy(() -> history(7, file.replace(';', '\n')))
                .withMessage(message)
                .satisfies(e -> assertThat(e.hint()).isEqualTo(hint));
    }

    @Test
    void continuesItsOwnParentUpToTheForkPoint() throws TimelineHistoryException {
        TimelineHistory parent = TimelineHistory.first();
        TimelineHistory child = history(2, "1\t0/2000\t\n");

        assertThat(child.continues(parent, Lsn.parse("0/1FFF"))).isTrue();
        assertThat(child.continues(parent, Lsn.parse("0/2000"))).isTrue();
        assertThat(child.continues(parent, Lsn.parse("0/2001"))).isFalse();
        assertThat(child.continues(child, Lsn.parse("FFFFFFFF/FFFFFFFF"))).isTrue();
    }

    @Test
    void doesNotContinueTimelineOfSameNumberThatForkedElsewhere() throws TimelineHistoryException {
        // Given two servers that each made timeline 2 out of one parent
        TimelineHistory ours = history(2, "1\t0/2000\t\n");
        TimelineHistory theirs = history(2, "1\t0/3000\t\n");

        // Then only what both had before is common
        assertThat(theirs.continues(ours, Lsn.parse("0/2000"))).isTrue();
        assertThat(theirs.continues(ours, Lsn.parse("0/2001"))).isFalse();
        assertThat(ours.continues(theirs, Lsn.parse("0/2001"))).isFalse();
    }

    @Test
    void continuesGrandparentAndNothingElse() throws TimelineHistoryException {
        TimelineHistory server = history(7, FILE);
        TimelineHistory sibling = history(3, "1\t0/200FCA0\t\n");

        assertThat(server.continues(TimelineHistory.first(), Lsn.parse("0/200FCA0")))
                .isTrue();
        assertThat(server.continues(history(2, "1\t0/200FCA0\t\n"), Lsn.parse("1/0")))
                .isTrue();
        assertThat(server.continues(sibling, Lsn.parse("0/200FCA0"))).isTrue();
        assertThat(server.continues(sibling, Lsn.parse("0/200FCA1"))).isFalse();
        assertThat(TimelineHistory.first().continues(server, Lsn.parse("0/200FCA0")))
                .isTrue();
        assertThat(TimelineHistory.first().continues(server, Lsn.parse("0/200FCA1")))
                .isFalse();
        assertThat(TimelineHistory.withoutFile(TWO).continues(TimelineHistory.first(), Lsn.INVALID))
                .isTrue();
    }

    private static TimelineHistory history(long timeline, String file) throws TimelineHistoryException {
        return TimelineHistory.parse(TimelineId.of(timeline), file.getBytes(StandardCharsets.UTF_8));
    }
}
