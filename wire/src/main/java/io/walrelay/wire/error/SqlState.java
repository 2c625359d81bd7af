package io.walrelay.wire.error;

import java.io.Serializable;

/**
 * A SQLSTATE: five characters, digits and upper-case letters. The constants are those that this program itself raises,
 * under the names of PostgreSQL's {@code errcodes.txt}; {@link #of} takes any other, as an upstream may send it.
 *
 * @param code the five characters
 * @see <a href="https://www.postgresql.org/docs/current/errcodes-appendix.html">PostgreSQL Error Codes</a>
 */
public record SqlState(String code) implements Serializable {
    public static final SqlState SUCCESSFUL_COMPLETION = of("00000");
    public static final SqlState WARNING = of("01000");
    public static final SqlState CONNECTION_EXCEPTION = of("08000");
    public static final SqlState SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION = of("08001");
    public static final SqlState CONNECTION_FAILURE = of("08006");
    public static final SqlState PROTOCOL_VIOLATION = of("08P01");
    public static final SqlState FEATURE_NOT_SUPPORTED = of("0A000");
    public static final SqlState NUMERIC_VALUE_OUT_OF_RANGE = of("22003");
    public static final SqlState INVALID_DATETIME_FORMAT = of("22007");
    public static final SqlState DATETIME_FIELD_OVERFLOW = of("22008");
    public static final SqlState CHARACTER_NOT_IN_REPERTOIRE = of("22021");
    public static final SqlState INVALID_PARAMETER_VALUE = of("22023");
    public static final SqlState INVALID_TEXT_REPRESENTATION = of("22P02");
    public static final SqlState INVALID_BINARY_REPRESENTATION = of("22P03");
    public static final SqlState ACTIVE_SQL_TRANSACTION = of("25001");
    public static final SqlState IN_FAILED_SQL_TRANSACTION = of("25P02");
    public static final SqlState IDLE_IN_TRANSACTION_SESSION_TIMEOUT = of("25P03");
    public static final SqlState INVALID_SQL_STATEMENT_NAME = of("26000");
    public static final SqlState INVALID_AUTHORIZATION_SPECIFICATION = of("28000");
    public static final SqlState INVALID_PASSWORD = of("28P01");
    public static final SqlState INVALID_CURSOR_NAME = of("34000");
    public static final SqlState INVALID_CATALOG_NAME = of("3D000");
    public static final SqlState INSUFFICIENT_PRIVILEGE = of("42501");
    public static final SqlState SYNTAX_ERROR = of("42601");
    public static final SqlState INVALID_NAME = of("42602");
    public static final SqlState NAME_TOO_LONG = of("42622");
    public static final SqlState UNDEFINED_OBJECT = of("42704");
    public static final SqlState DUPLICATE_OBJECT = of("42710");
    public static final SqlState DATATYPE_MISMATCH = of("42804");
    public static final SqlState UNDEFINED_FUNCTION = of("42883");
    public static final SqlState UNDEFINED_TABLE = of("42P01");
    public static final SqlState DUPLICATE_CURSOR = of("42P03");
    public static final SqlState DUPLICATE_PSTATEMENT = of("42P05");
    public static final SqlState INSUFFICIENT_RESOURCES = of("53000");
    public static final SqlState DISK_FULL = of("53100");
    public static final SqlState OUT_OF_MEMORY = of("53200");
    public static final SqlState TOO_MANY_CONNECTIONS = of("53300");
    public static final SqlState CONFIGURATION_LIMIT_EXCEEDED = of("53400");
    public static final SqlState OBJECT_NOT_IN_PREREQUISITE_STATE = of("55000");
    public static final SqlState OBJECT_IN_USE = of("55006");
    public static final SqlState CANT_CHANGE_RUNTIME_PARAM = of("55P02");
    public static final SqlState QUERY_CANCELED = of("57014");
    public static final SqlState ADMIN_SHUTDOWN = of("57P01");
    public static final SqlState CRASH_SHUTDOWN = of("57P02");
    public static final SqlState CANNOT_CONNECT_NOW = of("57P03");
    public static final SqlState IDLE_SESSION_TIMEOUT = of("57P05");
    public static final SqlState IO_ERROR = of("58030");
    public static final SqlState UNDEFINED_FILE = of("58P01");
    public static final SqlState DUPLICATE_FILE = of("58P02");
    public static final SqlState CONFIG_FILE_ERROR = of("F0000");
    public static final SqlState INTERNAL_ERROR = of("XX000");
    public static final SqlState DATA_CORRUPTED = of("XX001");

    /** Checks the form: exactly five of {@code 0-9A-Z}. */
    public SqlState {
        if (!isSqlState(code)) {
            throw new IllegalArgumentException("invalid SQLSTATE code: \"" + code + "\"");
        }
    }

    /**
     * The SQLSTATE of these five characters.
     *
     * @throws IllegalArgumentException if {@code code} is not five of {@code 0-9A-Z}
     */
    public static SqlState of(String code) {
        return new SqlState(code);
    }

    /** Whether {@code text} has the form of a SQLSTATE. */
    public static boolean isSqlState(String text) {
        if (text.length() != 5) {
            return false;
        }
        for (int i = 0; i < 5; i++) {
            char c = text.charAt(i);
            if (!(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z')) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return code;
    }
}
