package io.walrelay.wire.codec;

import io.netty.buffer.ByteBuf;
import io.walrelay.wire.message.WireText;

/** The frame of a message, {@code Byte1 type, Int32 length (itself included), body}, in both directions. */
final class Frame {
    static final int LENGTH_WORD = 4;
    static final int HEADER = 1 + LENGTH_WORD;

    private Frame() {}

    /** The length word of the message that starts at the reader index; the header must be there. */
    static int length(ByteBuf in) {
        return in.getInt(in.readerIndex() + 1);
    }

    /** Whether the message of this (checked) length word has arrived in full. */
    static boolean isComplete(ByteBuf in, int length) {
        return in.readableBytes() - 1 >= length;
    }

    /** Skips the header and gives the length of the body. */
    static int readHeader(ByteBuf in) {
        in.skipBytes(1);
        return in.readInt() - LENGTH_WORD;
    }

    /** Begins a message; {@link #end} fills in its length. */
    static int begin(ByteBuf out, char type) {
        out.writeByte(type);
        out.writeInt(0);
        return out.writerIndex() - LENGTH_WORD;
    }

    /** Ends the message whose {@link #begin} gave {@code start}. */
    static void end(ByteBuf out, int start) {
        out.setInt(start, out.writerIndex() - start);
    }

    /** A message without a body. */
    static void empty(ByteBuf out, char type) {
        out.writeByte(type);
        out.writeInt(LENGTH_WORD);
    }

    /** A message whose body is these strings. */
    static void strings(ByteBuf out, char type, String... texts) {
        int start = begin(out, type);
        for (String text : texts) {
            writeString(out, text);
        }
        end(out, start);
    }

    /**
     * Text and a NUL.
     *
     * @throws IllegalArgumentException if there is a NUL in the text, which would start another field
     */
    static void writeString(ByteBuf out, String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("NUL in text");
        }
        out.writeBytes(WireText.encode(text));
        out.writeByte(0);
    }
}
