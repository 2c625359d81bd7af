package io.walrelay.wire.message;

/**
 * The version word of a start-up packet: major in the upper, minor in the lower 16 bits. 1234.5678 to 1234.5680 are no
 * versions but requests (cancel, SSL, GSS encryption).
 *
 * @param major 0 to 65535
 * @param minor 0 to 65535
 */
public record ProtocolVersion(int major, int minor) implements Comparable<ProtocolVersion> {
    /** The version of every server from 7.4 on. */
    public static final ProtocolVersion V3_0 = new ProtocolVersion(3, 0);

    /** PostgreSQL 18: cancel keys of up to 256 bytes. */
    public static final ProtocolVersion V3_2 = new ProtocolVersion(3, 2);

    /** Checks the bounds. */
    public ProtocolVersion {
        if (major < 0 || major > 0xFFFF || minor < 0 || minor > 0xFFFF) {
            throw new IllegalArgumentException("protocol version out of range: " + major + "." + minor);
        }
    }

    /** The version that this word of the wire means. */
    public static ProtocolVersion ofCode(int code) {
        return new ProtocolVersion(code >>> 16, code & 0xFFFF);
    }

    /** The word on the wire. */
    public int code() {
        return (major << 16) | minor;
    }

    @Override
    public int compareTo(ProtocolVersion other) {
        return Integer.compareUnsigned(code(), other.code());
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}
