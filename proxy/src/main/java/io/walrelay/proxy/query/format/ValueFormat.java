package io.walrelay.proxy.query.format;

import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.WireText;

/** The two formats of values in DataRow and Bind. */
public enum ValueFormat {
    /** For people, and for types that a driver does not know. */
    TEXT((short) 0) {
        @Override
        public byte[] write(Object value, int type, TextStyle style) {
            return WireText.encode(TextOutput.of(value, type, style));
        }

        @Override
        public Object read(byte[] bytes, int type, TextStyle style) {
            return TextInput.of(WireText.decode(bytes), type, style);
        }
    },
    /** What PostgreSQL's send and receive functions make of it. */
    BINARY((short) 1) {
        @Override
        public byte[] write(Object value, int type, TextStyle style) {
            return BinaryOutput.of(value, type, style);
        }

        @Override
        public Object read(byte[] bytes, int type, TextStyle style) {
            return BinaryInput.of(bytes, type);
        }
    };

    private final short code;

    ValueFormat(short code) {
        this.code = code;
    }

    /** As the protocol numbers it. */
    public short code() {
        return code;
    }

    /** The format of this code. @throws PgException 22023 if there is none */
    public static ValueFormat of(short code) {
        return switch (code) {
            case 0 -> TEXT;
            case 1 -> BINARY;
            default -> throw PgException.error(SqlState.INVALID_PARAMETER_VALUE, "unsupported format code: " + code);
        };
    }

    /** The bytes of a value of a column of {@code type}. */
    public abstract byte[] write(Object value, int type, TextStyle style);

    /**
     * The value of a parameter of {@code type}.
     *
     * @throws PgException 22P02, 22003 or 22007 if the text is none, 22P03 if the bytes are none
     */
    public abstract Object read(byte[] bytes, int type, TextStyle style);
}
