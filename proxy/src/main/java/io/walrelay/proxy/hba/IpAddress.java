package io.walrelay.proxy.hba;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/** Literal IP addresses; a name is never looked up. */
final class IpAddress {
    private IpAddress() {}

    static Optional<InetAddress> parse(String text) {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(text);
        if (bytes == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByAddress(bytes));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of 4 or 16 bytes was refused", e);
        }
    }

    /** The mask of so many leading ones, in the family of an address. */
    static InetAddress mask(InetAddress family, int bits) {
        byte[] mask = new byte[family.getAddress().length];
        for (int bit = 0; bit < bits; bit++) {
            mask[bit / 8] |= (byte) (0x80 >> bit % 8);
        }
        try {
            return InetAddress.getByAddress(mask);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of 4 or 16 bytes was refused", e);
        }
    }

    /** How many leading ones the mask has, if nothing but zeros follows. */
    static Optional<Integer> prefixLength(InetAddress mask) {
        int bits = 0;
        boolean ended = false;
        for (byte octet : mask.getAddress()) {
            for (int bit = 7; bit >= 0; bit--) {
                boolean one = (octet >> bit & 1) == 1;
                if (one && ended) {
                    return Optional.empty();
                }
                ended = !one;
                bits += one ? 1 : 0;
            }
        }
        return Optional.of(bits);
    }
}
