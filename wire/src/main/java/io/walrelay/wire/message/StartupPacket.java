package io.walrelay.wire.message;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * What a client sends before anything else: packets without a type byte, {@code Int32 length} (itself included), {@code
 * Int32 code}.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-message-formats.html">Message Formats</a>
 */
public sealed interface StartupPacket {
    /**
     * {@code Int32 8, Int32 80877103}: asks for TLS; the answer is the single byte {@code S} or {@code N}.
     *
     * @param bufferedBytes received behind the request before it was answered, in the clear. A server that answers
     *     {@code S} must refuse the connection if this is not 0 (FATAL 08P01 "received unencrypted data after SSL
     *     request"): somebody in the middle may have put them there. 0 in a request to be sent.
     */
    record SslRequest(int bufferedBytes) implements StartupPacket {
        /** The code of the request, where a version stands: 1234.5679. */
        public static final ProtocolVersion CODE = new ProtocolVersion(1234, 5679);

        /** The request as a client sends it. */
        public SslRequest() {
            this(0);
        }
    }

    /**
     * {@code Int32 8, Int32 80877104}: asks for GSSAPI encryption; the answer is the single byte {@code G} or {@code
     * N}.
     *
     * @param bufferedBytes as in {@link SslRequest}
     */
    record GssEncRequest(int bufferedBytes) implements StartupPacket {
        /** The code of the request, where a version stands: 1234.5680. */
        public static final ProtocolVersion CODE = new ProtocolVersion(1234, 5680);

        /** The request as a client sends it. */
        public GssEncRequest() {
            this(0);
        }
    }

    /**
     * {@code Int32 12 + key length, Int32 80877102, Int32 pid, Byte[n] key}: asks, on a connection of its own, to
     * cancel what another one does. Never answered.
     *
     * @param pid of BackendKeyData
     * @param key of BackendKeyData: 4 bytes in protocol 3.0, 1 to 256 from 3.2 on
     */
    @SuppressWarnings("ArrayRecordComponent") // a secret to be compared with MessageDigest.isEqual, never by equals
    record CancelRequest(int pid, byte[] key) implements StartupPacket {
        /** The code of the request, where a version stands: 1234.5678. */
        public static final ProtocolVersion CODE = new ProtocolVersion(1234, 5678);

        /** Keeps the key out of logs. */
        @Override
        public String toString() {
            return "CancelRequest[pid=" + pid + "]";
        }
    }

    /**
     * {@code Int32 length, Int16 major, Int16 minor, {String name, String value}*, NUL}: starts a session.
     *
     * @param major 3 where the program can serve it
     * @param minor any; what is too new is negotiated down
     * @param parameters in wire order, the last of two equal names wins; empty where {@code major} is not 3, because
     *     only version 3 tells their form. Text is {@link WireText}.
     */
    record StartupMessage(int major, int minor, SequencedMap<String, String> parameters) implements StartupPacket {
        /** Copies the map and keeps its order. */
        public StartupMessage {
            parameters = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(parameters));
        }

        /** The version asked for. */
        public ProtocolVersion version() {
            return new ProtocolVersion(major, minor);
        }
    }
}
