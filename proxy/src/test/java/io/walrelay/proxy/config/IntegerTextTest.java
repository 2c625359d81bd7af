package io.walrelay.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The values are those that PostgreSQL 15 itself gives (postgres -C). */
final class IntegerTextTest {
    @ParameterizedTest
    @CsvSource({
        "5, , 5",
        "0x20, , 32",
        "-0X1f, , -31",
        "010, , 8",
        "1e3, , 1000",
        "5.5, , 6",
        "6.5, , 6",
        "' 7 ', , 7",
        "-3, , -3",
        "2147483647, , 2147483647",
        "-2147483648, , -2147483648",
        "90s, MS, 90000",
        "1500us, MS, 2",
        "2500us, MS, 2",
        "'1.5 min', S, 90",
        "1.5min, S, 90",
        "1d, S, 86400",
        "2h, S, 7200",
        "499ms, S, 0",
        "1.5GB, MB, 1536",
        "30.1GB, KB, 31561728",
        "2B, KB, 0",
        "1TB, MB, 1048576",
        ".5h, S, 1800",
    })
    void numberIsWhatPostgresReads(String text, @Nullable Unit unit, int expected) throws Exception {
        assertThat(IntegerText.parse(text, unit)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "'', , ''",
        "abc, , ''",
        "08, , ''",
        "5kB, , ''",
        "5 6, , ''",
        "-, , ''",
        "2147483648, , Value exceeds integer range.",
        "12345678901234567890, KB, Value exceeds integer range.",
        "30d, MS, Value exceeds integer range.",
        "1e400, , Value exceeds integer range.",
        "5MIN, MS, 'Valid units for this parameter are \"us\", \"ms\", \"s\", \"min\", \"h\", and \"d\".'",
        "5kB, MS, 'Valid units for this parameter are \"us\", \"ms\", \"s\", \"min\", \"h\", and \"d\".'",
        "1PB, KB, 'Valid units for this parameter are \"B\", \"kB\", \"MB\", \"GB\", and \"TB\".'",
        "1 kB x, KB, 'Valid units for this parameter are \"B\", \"kB\", \"MB\", \"GB\", and \"TB\".'",
    })
    void textIsRefusedWithPostgresHint(String text, @Nullable Unit unit, String hint) {
        IntegerText.Malformed malformed =
                catchThrowableOfType(IntegerText.Malformed.class, () -> IntegerText.parse(text, unit));

        assertThat(malformed).isNotNull();
        assertThat(malformed.hint()).isEqualTo(hint);
    }

    @ParameterizedTest
    @CsvSource({
        "MS, 60000, 1min",
        "MS, 10000, 10s",
        "MS, 1500, 1500ms",
        "MS, 86400000, 1d",
        "MS, 0, 0",
        "S, 7200, 2h",
        "S, 61, 61s",
        "MB, 1024, 1GB",
        "KB, 1000, 1000kB",
        "MB, -1, -1",
    })
    void showUsesTheLargestUnitThatDivides(Unit unit, long value, String expected) {
        assertThat(unit.show(value)).isEqualTo(expected);
    }
}
