package io.walrelay.proxy.query.format;

import io.walrelay.replication.Lsn;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.WireText;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Values as PostgreSQL's receive functions read them. */
final class BinaryInput {
    private static final long MICROS_OF_A_DAY = 86_400_000_000L;

    private BinaryInput() {}

    static Object of(byte[] bytes, int type) {
        int element = TypeOid.element(type);
        if (element != 0) {
            return array(ByteBuffer.wrap(bytes), element);
        }
        return switch (type) {
            case TypeOid.BOOL -> sized(bytes, 1).get() != 0;
            case TypeOid.INT2 -> sized(bytes, Short.BYTES).getShort();
            case TypeOid.INT4 -> sized(bytes, Integer.BYTES).getInt();
            case TypeOid.INT8, TypeOid.XID8 -> sized(bytes, Long.BYTES).getLong();
            case TypeOid.OID, TypeOid.XID, TypeOid.CID ->
                Integer.toUnsignedLong(sized(bytes, Integer.BYTES).getInt());
            case TypeOid.FLOAT4 -> sized(bytes, Float.BYTES).getFloat();
            case TypeOid.FLOAT8 -> sized(bytes, Double.BYTES).getDouble();
            case TypeOid.NUMERIC -> NumericBinary.read(bytes);
            case TypeOid.BYTEA -> bytes.clone();
            case TypeOid.PG_LSN -> new Lsn(sized(bytes, Long.BYTES).getLong());
            case TypeOid.INET, TypeOid.CIDR -> InetBinary.read(bytes);
            case TypeOid.DATE ->
                BinaryOutput.EPOCH
                        .toLocalDate()
                        .plusDays(sized(bytes, Integer.BYTES).getInt());
            case TypeOid.TIME -> time(sized(bytes, Long.BYTES).getLong());
            case TypeOid.TIMESTAMP -> timestamp(sized(bytes, Long.BYTES).getLong());
            case TypeOid.TIMESTAMPTZ ->
                timestamp(sized(bytes, Long.BYTES).getLong()).atOffset(ZoneOffset.UTC);
            case TypeOid.INTERVAL -> interval(sized(bytes, 16));
            case TypeOid.JSONB -> jsonb(bytes);
            case TypeOid.CHAR,
                    TypeOid.NAME,
                    TypeOid.TEXT,
                    TypeOid.JSON,
                    TypeOid.UNKNOWN,
                    TypeOid.BPCHAR,
                    TypeOid.VARCHAR -> WireText.decode(bytes);
            default ->
                throw PgException.error(
                        SqlState.UNDEFINED_FUNCTION, "no binary input function available for type with OID " + type);
        };
    }

    private static ByteBuffer sized(byte[] bytes, int length) {
        if (bytes.length < length) {
            throw PgException.error(SqlState.PROTOCOL_VIOLATION, "insufficient data left in message");
        }
        if (bytes.length > length) {
            throw invalid("incorrect binary data format in bind parameter");
        }
        return ByteBuffer.wrap(bytes);
    }

    private static PgException invalid(String words) {
        return PgException.error(SqlState.INVALID_BINARY_REPRESENTATION, words);
    }

    private static LocalTime time(long micros) {
        if (micros < 0 || micros >= MICROS_OF_A_DAY) {
            throw PgException.error(SqlState.DATETIME_FIELD_OVERFLOW, "time out of range");
        }
        return LocalTime.ofNanoOfDay(micros * 1000);
    }

    private static LocalDateTime timestamp(long micros) {
        return BinaryOutput.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    /** Months have no length of their own; 30 days, as {@code interval_cmp_value} counts them. */
    private static Duration interval(ByteBuffer in) {
        long micros = in.getLong();
        return Duration.of(micros, ChronoUnit.MICROS).plusDays(in.getInt()).plusDays(30L * in.getInt());
    }

    private static String jsonb(byte[] bytes) {
        if (bytes.length == 0 || bytes[0] != 1) {
            throw PgException.error(SqlState.INTERNAL_ERROR, "unsupported jsonb version number");
        }
        return WireText.decode(bytes, 1, bytes.length - 1);
    }

    private static List<@Nullable Object> array(ByteBuffer in, int element) {
        if (in.remaining() < 12) {
            throw PgException.error(SqlState.PROTOCOL_VIOLATION, "insufficient data left in message");
        }
        int dimensions = in.getInt();
        in.getInt();
        int sent = in.getInt();
        if (sent != element) {
            throw PgException.error(
                    SqlState.DATATYPE_MISMATCH,
                    "binary data has array element type " + sent + " instead of expected " + element);
        }
        if (dimensions == 0) {
            return List.of();
        }
        if (dimensions != 1) {
            throw PgException.error(
                    SqlState.FEATURE_NOT_SUPPORTED, "arrays of more than one dimension are not supported");
        }
        if (in.remaining() < 8) {
            throw PgException.error(SqlState.PROTOCOL_VIOLATION, "insufficient data left in message");
        }
        int count = in.getInt();
        in.getInt();
        // A count is believed as far as there are bytes for it.
        if (count < 0 || count > in.remaining() / Integer.BYTES) {
            throw PgException.error(SqlState.PROTOCOL_VIOLATION, "insufficient data left in message");
        }
        List<@Nullable Object> elements = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            elements.add(element(in, element));
        }
        if (in.hasRemaining()) {
            throw invalid("improper binary format in array element");
        }
        return Collections.unmodifiableList(elements);
    }

    private static @Nullable Object element(ByteBuffer in, int element) {
        int length = in.remaining() < Integer.BYTES ? Integer.MAX_VALUE : in.getInt();
        if (length == -1) {
            return null;
        }
        if (length < 0 || length > in.remaining()) {
            throw PgException.error(SqlState.PROTOCOL_VIOLATION, "insufficient data left in message");
        }
        byte[] value = new byte[length];
        in.get(value);
        return of(value, element);
    }
}
