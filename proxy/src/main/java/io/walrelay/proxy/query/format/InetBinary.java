package io.walrelay.proxy.query.format;

import io.netty.util.NetUtil;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;

/** {@code inet_send} and {@code inet_recv}: family, bits of the mask, whether it is a cidr, length, address. */
final class InetBinary {
    private static final byte IPV4 = 2;
    private static final byte IPV6 = 3;
    private static final int HEADER = 4;

    private InetBinary() {}

    static byte[] write(String text, int type) {
        int slash = text.indexOf('/');
        byte[] address = NetUtil.createByteArrayFromIpAddressString(slash < 0 ? text : text.substring(0, slash));
        if (address == null) {
            throw new IllegalStateException("the engine gave an address that is none: " + text);
        }
        byte[] bytes = new byte[HEADER + address.length];
        bytes[0] = address.length == 4 ? IPV4 : IPV6;
        bytes[1] = (byte) (slash < 0 ? address.length * 8 : Integer.parseInt(text.substring(slash + 1)));
        bytes[2] = (byte) (type == TypeOid.CIDR ? 1 : 0);
        bytes[3] = (byte) address.length;
        System.arraycopy(address, 0, bytes, HEADER, address.length);
        return bytes;
    }

    static String read(byte[] bytes) {
        int length = bytes.length - HEADER;
        if (length < 0 || bytes[3] != length || length != (bytes[0] == IPV4 ? 4 : 16)) {
            throw PgException.error(
                    SqlState.INVALID_BINARY_REPRESENTATION, "invalid length in external \"inet\" value");
        }
        int bits = bytes[1] & 0xFF;
        if (bits > length * 8) {
            throw PgException.error(SqlState.INVALID_BINARY_REPRESENTATION, "invalid bits in external \"inet\" value");
        }
        String address = NetUtil.bytesToIpAddress(bytes, HEADER, length);
        return bits == length * 8 ? address : address + "/" + bits;
    }
}
