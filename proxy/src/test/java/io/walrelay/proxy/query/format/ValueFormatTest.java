package io.walrelay.proxy.query.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walrelay.replication.Lsn;
import io.walrelay.wire.error.PgException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Texts and bytes are those of PostgreSQL 15, taken with {@code SELECT} and the send functions of the types. */
final class ValueFormatTest {
    private static final TextStyle BERLIN = new TextStyle(ZoneId.of("Europe/Berlin"), 1, TextStyle.Bytea.HEX);

    static Stream<Arguments> values() {
        LocalDateTime time = LocalDateTime.of(2026, 11, 22, 16, 37, 1, 227_000_000);
        return Stream.of(
                Arguments.of(true, TypeOid.BOOL, "t", "01"),
                Arguments.of((short) -2, TypeOid.INT2, "-2", "fffe"),
                Arguments.of(7, TypeOid.INT4, "7", "00000007"),
                Arguments.of(1L << 40, TypeOid.INT8, "1099511627776", "0000010000000000"),
                Arguments.of(4_000_000_000L, TypeOid.OID, "4000000000", "ee6b2800"),
                Arguments.of(1.5, TypeOid.FLOAT8, "1.5", "3ff8000000000000"),
                Arguments.of(0.1f, TypeOid.FLOAT4, "0.1", "3dcccccd"),
                Arguments.of(
                        new BigDecimal("-12345.6780"), TypeOid.NUMERIC, "-12345.6780", "0003000140000004000109291a7c"),
                Arguments.of(new BigDecimal("0"), TypeOid.NUMERIC, "0", "0000000000000000"),
                Arguments.of(new BigDecimal("0.0001"), TypeOid.NUMERIC, "0.0001", "0001ffff000000040001"),
                Arguments.of(new BigDecimal("10000"), TypeOid.NUMERIC, "10000", "00010001000000000001"),
                Arguments.of("Grüße", TypeOid.TEXT, "Grüße", "4772c3bcc39f65"),
                Arguments.of(new byte[] {0, (byte) 0xFF}, TypeOid.BYTEA, "\\x00ff", "00ff"),
                Arguments.of(new Lsn(0x1_8000_0000L), TypeOid.PG_LSN, "1/80000000", "0000000180000000"),
                Arguments.of(time, TypeOid.TIMESTAMP, "2026-11-22 16:37:01.227", "000303dedaf4bbf8"),
                Arguments.of(
                        time.atOffset(ZoneOffset.ofHours(1)),
                        TypeOid.TIMESTAMPTZ,
                        "2026-11-22 16:37:01.227+01",
                        "000303de046117f8"),
                Arguments.of(LocalDate.of(1999, 12, 31), TypeOid.DATE, "1999-12-31", "ffffffff"),
                Arguments.of(LocalTime.of(1, 2, 3), TypeOid.TIME, "01:02:03", "00000000dde878c0"),
                Arguments.of(List.of("a", "b c", "NULL", ""), 1009, "{a,\"b c\",\"NULL\",\"\"}", null),
                Arguments.of(
                        Arrays.asList(1, null),
                        1007,
                        "{1,NULL}",
                        "000000010000000100000017000000020000000100000004" + "00000001ffffffff"),
                Arguments.of(List.of(), 1007, "{}", "000000000000000000000017"));
    }

    @ParameterizedTest
    @MethodSource("values")
    void valueIsWrittenAndReadAsPostgresDoes(Object value, int type, String text, String hex) {
        byte[] asText = ValueFormat.TEXT.write(value, type, BERLIN);
        byte[] asBinary = ValueFormat.BINARY.write(value, type, BERLIN);

        assertThat(new String(asText, StandardCharsets.UTF_8)).isEqualTo(text);
        if (hex != null) {
            assertThat(HexFormat.of().formatHex(asBinary)).isEqualTo(hex);
        }
        assertThat(again(ValueFormat.TEXT.read(asText, type, BERLIN), value)).isEqualTo(value);
        assertThat(again(ValueFormat.BINARY.read(asBinary, type, BERLIN), value))
                .isEqualTo(value);
    }

    /** The same instant is the same value, whatever its offset. */
    private static Object again(Object read, Object value) {
        return read instanceof OffsetDateTime time && value instanceof OffsetDateTime like
                ? time.withOffsetSameInstant(like.getOffset())
                : read;
    }

    @ParameterizedTest
    @CsvSource({
        "1e15, 1, 1e+15",
        "1e14, 1, 100000000000000",
        "1e-5, 1, 1e-05",
        "0.0001, 1, 0.0001",
        "0, 1, 0",
        "-0.0, 1, -0",
        "0.1, 1, 0.1",
        "0.30000000000000004, 1, 0.30000000000000004",
        "0.30000000000000004, 0, 0.3",
        "1e15, 0, 1e+15",
        "123456789012345680, 1, 1.2345678901234568e+17",
        "NaN, 1, NaN",
        "-Infinity, 1, -Infinity",
        "1e300, -3, 1e+300",
        "3.14159, -12, 3.14"
    })
    void doublesLookAsInPostgres(double value, int extraFloatDigits, String text) {
        assertThat(FloatText.of(value, extraFloatDigits)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"1000000, 1e+06", "100000, 100000", "1.1, 1.1", "3.4028235e38, 3.4028235e+38"})
    void floatsLookAsInPostgres(float value, String text) {
        assertThat(FloatText.of(value, 1)).isEqualTo(text);
    }

    @Test
    void stylesOfTheSessionCount() {
        OffsetDateTime summer = OffsetDateTime.parse("2026-07-01T12:00:00Z");
        TextStyle escape = new TextStyle(ZoneId.of("Asia/Kolkata"), 1, TextStyle.Bytea.ESCAPE);

        assertThat(TextOutput.of(summer, BERLIN)).isEqualTo("2026-07-01 14:00:00+02");
        assertThat(TextOutput.of(summer, escape)).isEqualTo("2026-07-01 17:30:00+05:30");
        assertThat(TextOutput.of(new byte[] {'a', '\\', 0, (byte) 200}, escape)).isEqualTo("a\\\\\\000\\310");
        assertThat(TextOutput.of(Duration.ofHours(-26).minusMillis(500), BERLIN))
                .isEqualTo("-26:00:00.5");
        assertThat(ValueFormat.BINARY.write(Duration.ofSeconds(1), TypeOid.INTERVAL, BERLIN))
                .isEqualTo(HexFormat.of().parseHex("00000000000f42400000000000000000"));
        assertThat(TextStyle.of(name -> name.equals("timezone") ? "europe/berlin" : "")
                        .zone())
                .isEqualTo(BERLIN.zone());
    }

    @Test
    void addressesHaveABinaryForm() {
        byte[] v4 = ValueFormat.BINARY.write("127.0.0.1", TypeOid.INET, BERLIN);
        byte[] v6 = ValueFormat.BINARY.write("::1/64", TypeOid.INET, BERLIN);

        assertThat(v4).isEqualTo(new byte[] {2, 32, 0, 4, 127, 0, 0, 1});
        assertThat(v6).startsWith(3, 64, 0, 16).hasSize(20);
        assertThat(ValueFormat.BINARY.read(v4, TypeOid.INET, BERLIN)).isEqualTo("127.0.0.1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "x | 23 | 22P02 | invalid input syntax for type integer: \"x\"",
                "3000000000 | 23 | 22003 | value \"3000000000\" is out of range for type integer",
                "40000 | 21 | 22003 | value \"40000\" is out of range for type smallint",
                "-1 | 26 | 22003 | value \"-1\" is out of range for type oid",
                "maybe | 16 | 22P02 | invalid input syntax for type boolean: \"maybe\"",
                "o | 16 | 22P02 | invalid input syntax for type boolean: \"o\"",
                "1/ | 3220 | 22P02 | invalid input syntax for type pg_lsn: \"1/\"",
                "1.2.3 | 1700 | 22P02 | invalid input syntax for type numeric: \"1.2.3\"",
                "1e999999999 | 1700 | 22P02 | invalid input syntax for type numeric: \"1e999999999\"",
                "abc | 1184 | 22007 | invalid input syntax for type timestamp with time zone: \"abc\"",
                "2026-13-01 | 1082 | 22008 | date/time field value out of range: \"2026-13-01\"",
                "{1 | 1007 | 22P02 | malformed array literal: \"{1\"",
                "{1,} | 1007 | 22P02 | malformed array literal: \"{1,}\"",
                "{\"a | 1009 | 22P02 | malformed array literal: \"{\"a\""
            })
    void badTextIsRefusedWithTheWordsOfPostgres(String text, int type, String sqlState, String words) {
        assertThatThrownBy(() -> ValueFormat.TEXT.read(text.getBytes(StandardCharsets.UTF_8), type, BERLIN))
                .isInstanceOf(PgException.class)
                .hasMessage(words)
                .satisfies(e -> assertThat(((PgException) e).sqlState().code()).isEqualTo(sqlState));
    }

    @Test
    void whateverBytesComeTheyAreAValueOrARefusal() {
        for (long seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            int[] types = {
                16, 17, 20, 21, 23, 25, 26, 700, 701, 869, 1082, 1083, 1114, 1184, 1186, 1700, 3220, 3802, 1007, 1009,
                1231
            };
            int type = types[random.nextInt(types.length)];
            byte[] bytes = new byte[random.nextInt(24)];
            random.nextBytes(bytes);
            if (random.nextBoolean()) {
                for (int i = 0; i < bytes.length; i++) {
                    bytes[i] = (byte) (random.nextInt(8) == 0 ? bytes[i] : bytes[i] & 1);
                }
            }
            for (ValueFormat format : ValueFormat.values()) {
                try {
                    format.read(bytes, type, BERLIN);
                } catch (PgException refused) {
                    assertThat(refused.sqlState().code()).as("seed %s", seed).doesNotStartWith("XX001");
                }
            }
        }
    }
}
