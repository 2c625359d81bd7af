package io.walrelay.proxy.hba;

import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Arrays;
import java.util.List;

/** The address field of a line. */
sealed interface AddressMatch {
    boolean matches(InetAddress address);

    /** {@code all}. */
    record All() implements AddressMatch {
        @Override
        public boolean matches(InetAddress address) {
            return true;
        }
    }

    /** The addresses of one family whose first bits are these.
     *
     * @param bits 0 to 32, or to 128
     */
    record Range(InetAddress network, int bits) implements AddressMatch {
        @Override
        public boolean matches(InetAddress address) {
            byte[] expected = network.getAddress();
            byte[] actual = address.getAddress();
            if (expected.length != actual.length) {
                return false;
            }
            int whole = bits / 8;
            int rest = bits % 8;
            return Arrays.equals(expected, 0, whole, actual, 0, whole)
                    && (rest == 0 || ((expected[whole] ^ actual[whole]) & (0xFF << (8 - rest)) & 0xFF) == 0);
        }
    }

    /** {@code samehost} and {@code samenet}: the addresses of this machine's interfaces, or their networks.
     *
     * @param network the whole network of each interface, not only its address
     */
    record Same(boolean network) implements AddressMatch {
        @Override
        public boolean matches(InetAddress address) {
            try {
                return NetworkInterface.networkInterfaces()
                        .flatMap(card -> card.getInterfaceAddresses().stream())
                        .anyMatch(own -> range(own).matches(address));
            } catch (SocketException e) {
                // As in PostgreSQL: interfaces that cannot be listed match nothing.
                return false;
            }
        }

        private Range range(InterfaceAddress own) {
            int full = own.getAddress().getAddress().length * 8;
            return new Range(own.getAddress(), network ? own.getNetworkPrefixLength() : full);
        }
    }

    /** The loopback networks of both families. */
    List<AddressMatch> LOOPBACK = List.of(
            new Range(IpAddress.parse("127.0.0.0").orElseThrow(), 8),
            new Range(IpAddress.parse("::1").orElseThrow(), 128));
}
