package io.walrelay.wire.tls;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** As much of ASN.1's DER (X.690) as it takes to wrap one structure in another, and to find an element of one. */
final class Der {
    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 0x04;
    private static final int EXPLICIT = 0xA0;

    private Der() {}

    static byte[] sequence(byte[]... elements) {
        return element(SEQUENCE, elements);
    }

    static byte[] octets(byte[] content) {
        return element(OCTET_STRING, content);
    }

    private static byte[] element(int tag, byte[]... contents) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int length = 0;
        for (byte[] content : contents) {
            length += content.length;
        }
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else {
            int octets = (Integer.SIZE - Integer.numberOfLeadingZeros(length) + 7) / 8;
            out.write(0x80 | octets);
            for (int shift = (octets - 1) * 8; shift >= 0; shift -= 8) {
                out.write(length >> shift);
            }
        }
        for (byte[] content : contents) {
            out.writeBytes(content);
        }
        return out.toByteArray();
    }

    /**
     * The content of the element {@code [number] EXPLICIT} of a sequence.
     *
     * @throws TlsFileException if it is no sequence, or has none
     */
    static byte[] explicit(byte[] sequence, int number) throws TlsFileException {
        int at = content(sequence, 0);
        while (at < sequence.length) {
            int content = content(sequence, at);
            int end = content + length(sequence, at);
            if (end > sequence.length) {
                break;
            }
            if ((sequence[at] & 0xFF) == (EXPLICIT | number)) {
                return Arrays.copyOfRange(sequence, content, end);
            }
            at = end;
        }
        throw new TlsFileException("unsupported");
    }

    /** Where the content of the element at {@code at} begins. */
    private static int content(byte[] der, int at) throws TlsFileException {
        int first = octet(der, at + 1);
        return at + 2 + (first < 0x80 ? 0 : first & 0x7F);
    }

    private static int length(byte[] der, int at) throws TlsFileException {
        int first = octet(der, at + 1);
        if (first < 0x80) {
            return first;
        }
        int octets = first & 0x7F;
        if (octets > 3) {
            throw new TlsFileException("unsupported");
        }
        int length = 0;
        for (int i = 0; i < octets; i++) {
            length = length << 8 | octet(der, at + 2 + i);
        }
        return length;
    }

    private static int octet(byte[] der, int at) throws TlsFileException {
        if (at >= der.length) {
            throw new TlsFileException("unsupported");
        }
        return der[at] & 0xFF;
    }
}
