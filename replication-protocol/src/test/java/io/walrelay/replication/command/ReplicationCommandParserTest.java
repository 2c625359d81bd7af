package io.walrelay.replication.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.replication.Lsn;
import io.walrelay.replication.ServerVersion;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.command.ReplicationCommand.AlterSlot;
import io.walrelay.replication.command.ReplicationCommand.BaseBackup;
import io.walrelay.replication.command.ReplicationCommand.CreateLogicalSlot;
import io.walrelay.replication.command.ReplicationCommand.CreatePhysicalSlot;
import io.walrelay.replication.command.ReplicationCommand.DropSlot;
import io.walrelay.replication.command.ReplicationCommand.IdentifySystem;
import io.walrelay.replication.command.ReplicationCommand.Option;
import io.walrelay.replication.command.ReplicationCommand.ReadSlot;
import io.walrelay.replication.command.ReplicationCommand.Show;
import io.walrelay.replication.command.ReplicationCommand.StartLogical;
import io.walrelay.replication.command.ReplicationCommand.StartPhysical;
import io.walrelay.replication.command.ReplicationCommand.TimelineHistory;
import io.walrelay.replication.command.ReplicationCommand.UploadManifest;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ReplicationCommandParserTest {
    static Stream<Arguments> commandsOfRealClients() {
        Option wait = new Option("wait", Optional.of("0"));
        return Stream.of(
                Arguments.of(18, "IDENTIFY_SYSTEM;", new IdentifySystem()),
                Arguments.of(10, "SHOW wal_segment_size", new Show("wal_segment_size")),
                Arguments.of(18, "SHOW Data_Directory_Mode", new Show("data_directory_mode")),
                Arguments.of(15, "SHOW \"A b\".c", new Show("A b.c")),
                Arguments.of(10, "TIMELINE_HISTORY 2", new TimelineHistory(TimelineId.of(2))),
                Arguments.of(10, "TIMELINE_HISTORY 4294967295", new TimelineHistory(TimelineId.of(4294967295L))),
                Arguments.of(
                        13,
                        "CREATE_REPLICATION_SLOT \"pg_basebackup_77\" TEMPORARY PHYSICAL RESERVE_WAL",
                        new CreatePhysicalSlot("pg_basebackup_77", true, true)),
                Arguments.of(
                        15,
                        "CREATE_REPLICATION_SLOT \"pg_basebackup_77\" TEMPORARY PHYSICAL ( RESERVE_WAL)",
                        new CreatePhysicalSlot("pg_basebackup_77", true, true)),
                Arguments.of(
                        18, "CREATE_REPLICATION_SLOT barman PHYSICAL", new CreatePhysicalSlot("barman", false, false)),
                Arguments.of(
                        18,
                        "CREATE_REPLICATION_SLOT B PHYSICAL (RESERVE_WAL OFF)",
                        new CreatePhysicalSlot("b", false, false)),
                Arguments.of(
                        18,
                        "CREATE_REPLICATION_SLOT s LOGICAL pgoutput (SNAPSHOT 'nothing', TWO_PHASE)",
                        new CreateLogicalSlot(
                                "s",
                                false,
                                "pgoutput",
                                List.of(
                                        new Option("snapshot", Optional.of("nothing")),
                                        new Option("two_phase", Optional.empty())))),
                Arguments.of(
                        17,
                        "ALTER_REPLICATION_SLOT s (FAILOVER false)",
                        new AlterSlot("s", List.of(new Option("failover", Optional.of("false"))))),
                Arguments.of(10, "DROP_REPLICATION_SLOT s;", new DropSlot("s", false)),
                Arguments.of(10, "DROP_REPLICATION_SLOT \"s\" WAIT", new DropSlot("s", true)),
                Arguments.of(15, "READ_REPLICATION_SLOT rs1", new ReadSlot("rs1")),
                Arguments.of(
                        10,
                        "START_REPLICATION 1/80000000 TIMELINE 3",
                        new StartPhysical(Optional.empty(), Lsn.parse("1/80000000"), Optional.of(TimelineId.of(3)))),
                Arguments.of(
                        10,
                        "START_REPLICATION SLOT jd PHYSICAL 0/a000000",
                        new StartPhysical(Optional.of("jd"), Lsn.parse("0/A000000"), Optional.empty())),
                Arguments.of(
                        10,
                        "START_REPLICATION SLOT s LOGICAL 0/0 (proto_version '1', messages)",
                        new StartLogical(
                                "s",
                                Lsn.INVALID,
                                List.of(
                                        new Option("proto_version", Optional.of("1")),
                                        new Option("messages", Optional.empty())))),
                Arguments.of(
                        13,
                        "BASE_BACKUP LABEL 'it''s' PROGRESS  FAST NOWAIT    MANIFEST 'yes' MAX_RATE 102400",
                        new BaseBackup(List.of(
                                new Option("label", Optional.of("it's")),
                                new Option("progress", Optional.empty()),
                                new Option("fast", Optional.empty()),
                                new Option("nowait", Optional.empty()),
                                new Option("manifest", Optional.of("yes")),
                                new Option("max_rate", Optional.of("102400"))))),
                Arguments.of(
                        15,
                        "BASE_BACKUP ( LABEL 'x',  PROGRESS,  WAIT 0,  TARGET client)",
                        new BaseBackup(List.of(
                                new Option("label", Optional.of("x")),
                                new Option("progress", Optional.empty()),
                                wait,
                                new Option("target", Optional.of("client"))))),
                Arguments.of(15, "BASE_BACKUP", new BaseBackup(List.of())),
                Arguments.of(17, "UPLOAD_MANIFEST", new UploadManifest()));
    }

    @ParameterizedTest
    @MethodSource("commandsOfRealClients")
    void readsCommand(int major, String query, ReplicationCommand command) {
        ParseResult result = new ReplicationCommandParser(major).parse(query);

        assertThat(result).isEqualTo(new ParseResult.Command(command, List.of()));
    }

    @Test
    void cutsIdentifierWithinCharacterAsServerWithoutEncodingDoes() {
        // Given 32 characters of two bytes each
        String name = "\u00e9".repeat(32);

        // When
        ParseResult result = new ReplicationCommandParser(18).parse("SHOW " + name);

        // Then 31 characters are left, and one byte
        String cut = "\u00e9".repeat(31) + (char) 0xDCC3;
        assertThat(result)
                .isEqualTo(new ParseResult.Command(
                        new Show(cut),
                        List.of(new ParseResult.Notice(
                                "42622", "identifier \"" + name + "\" will be truncated to \"" + cut + "\""))));
    }

    @Test
    void knowsShowAllInAnyCaseAndQuoted() {
        assertThat(new Show("all").all()).isTrue();
        assertThat(new Show("ALL").all()).isTrue();
        assertThat(new Show("all.all").all()).isFalse();
    }

    @Test
    void takesGrammarOfNearestMajorWhenVersionIsUnknown() {
        String backup = "BASE_BACKUP LABEL 'x'";
        assertThat(new ReplicationCommandParser(9).parse(backup)).isInstanceOf(ParseResult.Command.class);
        assertThat(new ReplicationCommandParser(19).parse(backup)).isInstanceOf(ParseResult.Refused.class);
        assertThat(new ReplicationCommandParser(ServerVersion.parse("")).parse(backup))
                .isInstanceOf(ParseResult.Command.class);
    }

    @Test
    void survivesAnyTruncationOfACommand() {
        // Given
        String query = "CREATE_REPLICATION_SLOT \"s\" PHYSICAL(RESERVE_WAL 1);";
        ReplicationCommandParser parser = new ReplicationCommandParser(18);

        // When, then
        for (int length = 0; length < query.length() - 1; length++) {
            ParseResult result = parser.parse(query.substring(0, length));
            boolean complete = length == query.indexOf('(');
            assertThat(result instanceof ParseResult.Command)
                    .as(query.substring(0, length))
                    .isEqualTo(complete);
        }
        assertThat(parser.parse(query)).isInstanceOf(ParseResult.Command.class);
    }
}
