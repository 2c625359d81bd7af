package io.walrelay.proxy.query.format;

import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.ByteBuffer;

/**
 * {@code numeric_send} and {@code numeric_recv}: count of digits to the base 10000, weight of the first (its power of
 * 10000), sign, decimal digits behind the point, digits; 16 bits each.
 */
final class NumericBinary {
    private static final BigInteger BASE = BigInteger.valueOf(10_000);
    private static final int HEADER = 8;
    private static final int NEGATIVE = 0x4000;

    private NumericBinary() {}

    static byte[] write(BigDecimal value) {
        int scale = Math.max(0, value.scale());
        // Whole digits of the base on both sides of the point.
        int groups = (scale + 3) / 4;
        BigInteger rest = value.abs().setScale(groups * 4).unscaledValue();
        int count = 0;
        short[] reversed = new short[rest.toString().length() / 4 + 1];
        while (rest.signum() != 0) {
            BigInteger[] parts = rest.divideAndRemainder(BASE);
            reversed[count] = parts[1].shortValueExact();
            count++;
            rest = parts[0];
        }
        int zeros = 0;
        while (zeros < count && reversed[zeros] == 0) {
            zeros++;
        }
        ByteBuffer out = ByteBuffer.allocate(HEADER + 2 * (count - zeros));
        out.putShort((short) (count - zeros));
        out.putShort((short) (count == 0 ? 0 : count - groups - 1));
        out.putShort((short) (value.signum() < 0 ? NEGATIVE : 0));
        out.putShort((short) scale);
        for (int i = count - 1; i >= zeros; i--) {
            out.putShort(reversed[i]);
        }
        return out.array();
    }

    static BigDecimal read(byte[] bytes) {
        if (bytes.length < HEADER) {
            throw invalid("insufficient data left in message");
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        int count = in.getShort() & 0xFFFF;
        int weight = in.getShort();
        int sign = in.getShort() & 0xFFFF;
        int scale = in.getShort() & 0xFFFF;
        if (in.remaining() != 2 * count) {
            throw invalid("insufficient data left in message");
        }
        if ((sign != 0 && sign != NEGATIVE) || scale > 0x3FFF || Math.abs(weight) > 1000) {
            throw invalid("invalid sign in external \"numeric\" value");
        }
        BigInteger digits = BigInteger.ZERO;
        for (int i = 0; i < count; i++) {
            short digit = in.getShort();
            if (digit < 0 || digit >= 10_000) {
                throw invalid("invalid digit in external \"numeric\" value");
            }
            digits = digits.multiply(BASE).add(BigInteger.valueOf(digit));
        }
        BigDecimal value = new BigDecimal(digits, 4 * (count - 1 - weight)).setScale(scale, RoundingMode.DOWN);
        return sign == NEGATIVE ? value.negate() : value;
    }

    private static PgException invalid(String words) {
        return PgException.error(SqlState.INVALID_BINARY_REPRESENTATION, words);
    }
}
