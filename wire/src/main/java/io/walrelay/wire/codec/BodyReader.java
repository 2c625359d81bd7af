package io.walrelay.wire.codec;

import io.netty.buffer.ByteBuf;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.message.WireText;

/**
 * Reads the body of a server's message and never beyond it: whatever is missing or left over is FATAL 08P01, in libpq's
 * words.
 */
final class BodyReader {
    private final byte type;
    private final ByteBuf body;

    BodyReader(byte type, ByteBuf body) {
        this.type = type;
        this.body = body;
    }

    byte int8() {
        require(Byte.BYTES);
        return body.readByte();
    }

    short int16() {
        require(Short.BYTES);
        return body.readShort();
    }

    int int32() {
        require(Integer.BYTES);
        return body.readInt();
    }

    /** Text up to a NUL. */
    String string() {
        int length = body.bytesBefore((byte) 0);
        if (length < 0) {
            throw malformed();
        }
        String text = WireText.decode(bytes(length));
        body.skipBytes(1);
        return text;
    }

    byte[] bytes(int length) {
        require(length);
        byte[] bytes = new byte[length];
        body.readBytes(bytes);
        return bytes;
    }

    byte[] rest() {
        return bytes(body.readableBytes());
    }

    /** Checks a count of elements of at least {@code elementMin} bytes each, so that it can be believed. */
    int count(int count, int elementMin) {
        if (count < 0 || count > body.readableBytes() / elementMin) {
            throw malformed();
        }
        return count;
    }

    void requireEnd() {
        if (body.isReadable()) {
            throw malformed();
        }
    }

    private void require(int length) {
        if (length < 0 || length > body.readableBytes()) {
            throw malformed();
        }
    }

    private PgException malformed() {
        return PgException.protocolViolation(
                "message contents do not agree with length in message type \"" + BackendBodies.name(type) + "\"");
    }
}
