package io.walrelay.wire.message;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Text of the protocol, whose encoding nobody tells: bytes that are UTF-8 more often than not. {@link #decode} reads
 * UTF-8 and maps each byte that is not part of valid UTF-8 to a lone surrogate {@code U+DC80..U+DCFF} (Python's {@code
 * surrogateescape},
 * <a href="https://peps.python.org/pep-0383/">PEP 383</a>), which no valid UTF-8 yields. {@link #encode} turns those
 * back into the bytes. So every byte string survives the way through a {@link String} unchanged, and reads well where
 * it is UTF-8.
 */
public final class WireText {
    private static final char ESCAPE = 0xDC00;

    private WireText() {}

    /** Text of all of {@code bytes}. */
    public static String decode(byte[] bytes) {
        return decode(bytes, 0, bytes.length);
    }

    /** Text of {@code length} bytes from {@code offset}. */
    public static String decode(byte[] bytes, int offset, int length) {
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(bytes, offset, length);
        CharBuffer out = CharBuffer.allocate(length);
        while (decoder.decode(in, out, true).isMalformed()) {
            out.put((char) (ESCAPE | (in.get() & 0xFF)));
            decoder.reset();
        }
        return out.flip().toString();
    }

    /**
     * The bytes of {@code text}: UTF-8, escaped bytes as they were. Any other lone surrogate, which {@link #decode}
     * never yields, becomes a question mark.
     */
    public static byte[] encode(String text) {
        int escape = indexOfEscape(text);
        return escape < 0 ? text.getBytes(StandardCharsets.UTF_8) : encodeEscaped(text);
    }

    private static byte[] encodeEscaped(String text) {
        ByteBuffer out = ByteBuffer.allocate(text.length() * 3);
        CharBuffer in = CharBuffer.wrap(text);
        var encoder = StandardCharsets.UTF_8.newEncoder();
        while (true) {
            CoderResult result = encoder.encode(in, out, true);
            if (result.isUnderflow()) {
                return Arrays.copyOf(out.array(), out.position());
            }
            char c = in.get();
            out.put(isEscape(c) ? (byte) c : (byte) '?');
            encoder.reset();
        }
    }

    private static int indexOfEscape(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isEscape(text.charAt(i))) {
                return i;
            }
        }
        return -1;
    }

    /** Also true for the low half of some surrogate pairs; the encoder, which sees pairs, decides. */
    private static boolean isEscape(char c) {
        return c >= 0xDC80 && c <= 0xDCFF;
    }
}
