package io.walrelay.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RootTypesTest {
    @Nested
    class Lsns {
        @ParameterizedTest
        @CsvSource({"0/0,0", "1/80000000,180000000", "FFFFFFFF/FFFFFFFF,ffffffffffffffff", "0/16B3748,16b3748"})
        void readsAndPrintsEveryBit(String text, String hex) {
            Lsn lsn = Lsn.parse(text);

            assertThat(lsn.value()).isEqualTo(Long.parseUnsignedLong(hex, 16));
            assertThat(lsn).hasToString(text);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "/",
                    "0",
                    "0/",
                    "/0",
                    "123456789/0",
                    "0/123456789",
                    "0x1/0",
                    "-1/0",
                    "+1/0",
                    " 0/0",
                    "0/0 ",
                    "0/0/0",
                    "g/0",
                    "١/0"
                })
        void refusesOtherText(String text) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Lsn.parse(text))
                    .withMessage("invalid input syntax for type pg_lsn: \"" + text + "\"");
        }

        @Test
        void comparesUnsigned() {
            Lsn low = Lsn.parse("1/80000000");
            Lsn high = Lsn.parse("80000000/0");

            assertThat(low.isBefore(high)).isTrue();
            assertThat(high.isAfter(low)).isTrue();
            assertThat(Lsn.max(low, high)).isEqualTo(high);
            assertThat(Lsn.min(low, high)).isEqualTo(low);
        }
    }

    @Nested
    class Timelines {
        @Test
        void isUnsigned() {
            TimelineId last = TimelineId.parse("4294967295");

            assertThat(last.value()).isEqualTo(-1);
            assertThat(last).hasToString("4294967295").isGreaterThan(TimelineId.FIRST);
            assertThat(TimelineId.of(1L << 31).toLong()).isEqualTo(1L << 31);
            assertThat(TimelineId.FIRST.next()).isEqualTo(TimelineId.of(2));
            assertThatIllegalArgumentException().isThrownBy(last::next);
        }

        @ParameterizedTest
        @ValueSource(strings = {"0", "", "-1", "+1", "4294967296", "99999999999", "1 ", "0x1", "٢"})
        void refusesWhatIsNone(String text) {
            assertThatIllegalArgumentException().isThrownBy(() -> TimelineId.parse(text));
        }
    }

    @Nested
    class SystemIdentifiers {
        @Test
        void isUnsigned() {
            SystemIdentifier greatest = SystemIdentifier.parse("18446744073709551615");

            assertThat(greatest.value()).isEqualTo(-1);
            assertThat(greatest).hasToString("18446744073709551615");
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "-1", "+1", "18446744073709551616", "7a"})
        void refusesWhatIsNone(String text) {
            assertThatIllegalArgumentException().isThrownBy(() -> SystemIdentifier.parse(text));
        }
    }

    @Nested
    class Timestamps {
        @ParameterizedTest
        @CsvSource({
            "2000-01-01T00:00:00Z,0",
            "2000-01-01T00:00:00.000001Z,1",
            "1999-12-31T23:59:59.999999Z,-1",
            "2026-01-02T03:04:05.678901Z,820638245678901"
        })
        void countsMicrosecondsSince2000(Instant instant, long micros) {
            assertThat(PgTimestamp.fromInstant(instant)).isEqualTo(micros);
            assertThat(PgTimestamp.toInstant(micros)).isEqualTo(instant);
            assertThat(PgTimestamp.now(Clock.fixed(instant, ZoneOffset.UTC))).isEqualTo(micros);
        }

        @Test
        void everyLongIsAnInstant() {
            assertThat(PgTimestamp.toInstant(Long.MIN_VALUE)).isBefore(PgTimestamp.toInstant(Long.MAX_VALUE));
        }
    }

    @Nested
    class SegmentSizes {
        @ParameterizedTest
        @CsvSource({"1MB,1048576", "16MB,16777216", "64MB,67108864", "1GB,1073741824"})
        void readsWhatShowAnswers(String text, int bytes) {
            assertThat(WalSegmentSize.parse(text))
                    .isEqualTo(new WalSegmentSize(bytes))
                    .hasToString(text);
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "16", "16kB", "16mb", "3MB", "0MB", "2GB", "9999GB", "-1MB", "1 GB", "99999MB"})
        void refusesWhatIsNoSize(String text) {
            assertThatIllegalArgumentException().isThrownBy(() -> WalSegmentSize.parse(text));
        }

        @Test
        void dividesUnsigned() {
            WalSegmentSize size = WalSegmentSize.DEFAULT;
            Lsn last = Lsn.parse("FFFFFFFF/FFFFFFFF");

            assertThat(size.segmentNumber(last)).isEqualTo((1L << 40) - 1);
            assertThat(size.segmentStart(last)).isEqualTo(Lsn.parse("FFFFFFFF/FF000000"));
            assertThat(size.start((1L << 40) - 1)).isEqualTo(Lsn.parse("FFFFFFFF/FF000000"));
            assertThat(size.offset(last)).isEqualTo(0xFFFFFF);
            assertThat(size.isBoundary(Lsn.parse("1/80000000"))).isTrue();
            assertThat(size.isBoundary(Lsn.parse("1/80000001"))).isFalse();
        }
    }

    @Nested
    class FileNames {
        @ParameterizedTest
        @CsvSource({
            "1MB,0/100000,000000010000000000000001",
            "16MB,1/80000000,000000010000000100000080",
            "1GB,1/C0000000,000000010000000100000003",
            "16MB,FFFFFFFF/FF000000,00000001FFFFFFFF000000FF"
        })
        void namesTheSegmentOfAnLsn(String size, String lsn, String name) {
            WalSegmentSize segments = WalSegmentSize.parse(size);
            WalFileName file = new WalFileName(TimelineId.FIRST, segments.segmentNumber(Lsn.parse(lsn)));

            assertThat(file.format(segments)).isEqualTo(name);
            assertThat(WalFileName.parse(name, segments)).contains(file);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "00000001000000000000001",
                    "0000000100000000000000001",
                    "00000001000000000000000a",
                    "000000000000000000000001",
                    "000000010000000000000100",
                    "000000010000000000000001.partial"
                })
        void refusesOtherNames(String name) {
            assertThat(WalFileName.parse(name, WalSegmentSize.DEFAULT)).isEmpty();
        }

        @Test
        void tellsTheFilesOfADirectoryApart() {
            assertThat(WalFileName.isSegment("000000010000000000000001")).isTrue();
            assertThat(WalFileName.isPartial("000000010000000000000001.partial"))
                    .isTrue();
            assertThat(WalFileName.isPartial("000000010000000000000001.gz.partial"))
                    .isFalse();
            assertThat(WalFileName.isHistory("00000002.history")).isTrue();
            assertThat(WalFileName.history(TimelineId.of(0xFFFFFFFFL))).isEqualTo("FFFFFFFF.history");
            assertThat(WalFileName.parseHistory("0000000A.history")).contains(TimelineId.of(10));
            assertThat(WalFileName.parseHistory("00000000.history")).isEqualTo(Optional.empty());
            assertThat(WalFileName.parseHistory("0000000a.history")).isEmpty();
        }
    }

    @Nested
    class Versions {
        @ParameterizedTest
        @CsvSource({
            "15.18 (Debian 15.18-0+deb12u1),150018,15",
            "10.23,100023,10",
            "18beta1,180000,18",
            "19devel,190000,19",
            "9.6.24,90624,9",
            "9.6devel,90600,9",
            "x,0,0"
        })
        void numbersAsLibpqDoes(String text, int number, int major) {
            ServerVersion version = ServerVersion.parse(text);

            assertThat(version.number()).isEqualTo(number);
            assertThat(version.major()).isEqualTo(major);
            assertThat(version).hasToString(text);
        }
    }
}
