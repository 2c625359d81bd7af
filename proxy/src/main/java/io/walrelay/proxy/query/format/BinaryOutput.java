package io.walrelay.proxy.query.format;

import io.walrelay.replication.Lsn;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.WireText;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** Values as PostgreSQL's send functions write them. */
final class BinaryOutput {
    static final LocalDateTime EPOCH = LocalDateTime.of(2000, 1, 1, 0, 0);

    private BinaryOutput() {}

    /**
     * By the type, where that says how; by the value for the many types that look like one of these (regclass, xid).
     */
    static byte[] of(Object value, int type, TextStyle style) {
        if (type == TypeOid.INET || type == TypeOid.CIDR) {
            return InetBinary.write(value.toString(), type);
        }
        return switch (value) {
            case Boolean yes -> new byte[] {(byte) (yes ? 1 : 0)};
            case Short number -> ByteBuffer.allocate(2).putShort(number).array();
            case Integer number -> int4(number);
            case Long number -> type == TypeOid.INT8 || type == TypeOid.XID8 ? int8(number) : int4((int) (long) number);
            case Float number -> int4(Float.floatToIntBits(number));
            case Double number -> int8(Double.doubleToLongBits(number));
            case BigDecimal number -> NumericBinary.write(number);
            case Lsn lsn -> int8(lsn.value());
            case byte[] bytes -> bytes.clone();
            case OffsetDateTime time ->
                int8(ChronoUnit.MICROS.between(
                        EPOCH, time.withOffsetSameInstant(ZoneOffset.UTC).toLocalDateTime()));
            case LocalDateTime time -> int8(ChronoUnit.MICROS.between(EPOCH, time));
            case LocalDate date -> int4((int) ChronoUnit.DAYS.between(EPOCH.toLocalDate(), date));
            case LocalTime time -> int8(time.toNanoOfDay() / 1000);
            case Duration interval ->
                ByteBuffer.allocate(16).putLong(interval.toNanos() / 1000).array();
            case List<?> array -> array(array, type, style);
            default -> text(value.toString(), type);
        };
    }

    private static byte[] int4(int value) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
    }

    private static byte[] int8(long value) {
        return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
    }

    private static byte[] text(String text, int type) {
        byte[] bytes = WireText.encode(text);
        if (type != TypeOid.JSONB) {
            return bytes;
        }
        return ByteBuffer.allocate(1 + bytes.length).put((byte) 1).put(bytes).array();
    }

    /**
     * {@code array_send}: dimensions, whether there are nulls, element type; length and lower bound of the one
     * dimension.
     */
    private static byte[] array(List<?> elements, int type, TextStyle style) {
        int element = TypeOid.element(type);
        if (element == 0) {
            throw PgException.error(
                    SqlState.UNDEFINED_FUNCTION, "no binary output function available for type with OID " + type);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(elements.isEmpty() ? 0 : 1);
            out.writeInt(elements.stream().anyMatch(each -> each == null) ? 1 : 0);
            out.writeInt(element);
            if (!elements.isEmpty()) {
                out.writeInt(elements.size());
                out.writeInt(1);
            }
            for (Object each : elements) {
                if (each == null) {
                    out.writeInt(-1);
                } else {
                    byte[] value = of(each, element, style);
                    out.writeInt(value.length);
                    out.write(value);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
