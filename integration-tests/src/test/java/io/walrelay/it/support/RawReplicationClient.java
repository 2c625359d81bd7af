package io.walrelay.it.support;

import io.walrelay.replication.Lsn;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * A client that sends whatever it is told, well-formed or not, and writes down exactly what comes back. It shares no
 * code with the relay: what the relay's own codecs get wrong must not be read back right.
 */
public final class RawReplicationClient implements Closeable {
    /** How long a server may be silent before the transcript says so. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Duration IMPATIENCE = Duration.ofSeconds(1);
    private static final int CANCEL_REQUEST = 80877102;

    private final Socket socket;
    private final PushbackInputStream unread;
    private final DataInputStream in;
    private final OutputStream out;
    private final Transcript transcript;
    private int pid;
    private byte[] key = new byte[0];
    private boolean over;
    private Copy copy = Copy.NONE;

    private RawReplicationClient(Socket socket, Transcript transcript) throws IOException {
        this.transcript = transcript;
        this.socket = socket;
        this.unread = new PushbackInputStream(new BufferedInputStream(socket.getInputStream()));
        this.in = new DataInputStream(unread);
        this.out = socket.getOutputStream();
    }

    /** Connects to a port of 127.0.0.1, and sends nothing yet. */
    public static RawReplicationClient connect(int port) throws IOException {
        return connect(port, new Transcript());
    }

    /** A second client of the same server, logged in, that writes into the same transcript. */
    public RawReplicationClient another() throws IOException {
        return connect(socket.getPort(), transcript).logIn();
    }

    /** Cancels, over a connection of its own, what the server is doing for this client. */
    public void cancel() throws IOException {
        try (RawReplicationClient other = connect(socket.getPort(), new Transcript())) {
            other.startupPacket(
                            CANCEL_REQUEST,
                            ByteBuffer.allocate(4 + key.length)
                                    .putInt(pid)
                                    .put(key)
                                    .array())
                    .untilClosed();
        }
    }

    private static RawReplicationClient connect(int port, Transcript transcript) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout((int) PATIENCE.toMillis());
        return new RawReplicationClient(socket, transcript);
    }

    /** What the server has sent so far. */
    public Transcript transcript() {
        return transcript;
    }

    /** Takes less silence for an answer, where one is expected. */
    public RawReplicationClient impatient() throws IOException {
        socket.setSoTimeout((int) IMPATIENCE.toMillis());
        return this;
    }

    // Sending

    /** Sends these bytes. A server that has closed the connection already is no error: the transcript tells. */
    public RawReplicationClient send(byte[] bytes) throws IOException {
        try {
            out.write(bytes);
            out.flush();
        } catch (SocketException e) {
            // Closed by the server; what it said before is still to be read.
        }
        return this;
    }

    /** Sends a message with a type, and a length that fits. */
    public RawReplicationClient message(char type, byte[] body) throws IOException {
        return send(ByteBuffer.allocate(5 + body.length)
                .put((byte) type)
                .putInt(4 + body.length)
                .put(body)
                .array());
    }

    /** Sends a message without a body. */
    public RawReplicationClient message(char type) throws IOException {
        return message(type, new byte[0]);
    }

    /** Sends a simple query. */
    public RawReplicationClient query(String query) throws IOException {
        return message('Q', (query + "\0").getBytes(StandardCharsets.UTF_8));
    }

    /** Sends a startup packet of protocol 3.0: names and values in turn. */
    public RawReplicationClient startup(String... parameters) throws IOException {
        return startup(3, 0, parameters);
    }

    /** Sends a startup packet of any protocol version: names and values in turn. */
    public RawReplicationClient startup(int major, int minor, String... parameters) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (String parameter : parameters) {
            body.writeBytes((parameter + "\0").getBytes(StandardCharsets.UTF_8));
        }
        body.write(0);
        return startupPacket((major << 16) | minor, body.toByteArray());
    }

    /** Sends a packet without type: its code, and any bytes after it. */
    public RawReplicationClient startupPacket(int code, byte[] body) throws IOException {
        return send(ByteBuffer.allocate(8 + body.length)
                .putInt(8 + body.length)
                .putInt(code)
                .put(body)
                .array());
    }

    /** Sends a standby status update; its time is the epoch of PostgreSQL. */
    public RawReplicationClient report(Lsn write, Lsn flush, Lsn apply, boolean replyRequested) throws IOException {
        return message(
                'd',
                ByteBuffer.allocate(34)
                        .put((byte) 'r')
                        .putLong(write.value())
                        .putLong(flush.value())
                        .putLong(apply.value())
                        .putLong(0)
                        .put((byte) (replyRequested ? 1 : 0))
                        .array());
    }

    /** Ends what this side sends, and goes on reading. */
    public RawReplicationClient shutdownOutput() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    // Reading

    /** Logs in as a walreceiver would. What is sent until then goes into the transcript only when it fails. */
    public RawReplicationClient logIn() throws IOException {
        return logIn("replication", "true");
    }

    /** Logs in to a database, as logical replication does. */
    public RawReplicationClient logInto(String database) throws IOException {
        return logIn(database, "database");
    }

    private RawReplicationClient logIn(String database, String replication) throws IOException {
        startup("user", "postgres", "database", database, "replication", replication, "application_name", "raw");
        Transcript before = new Transcript();
        String last = readInto(before, Until.READY);
        if (!last.startsWith("ReadyForQuery")) {
            before.lines().forEach(transcript::add);
        }
        return this;
    }

    /** The single byte that answers an SSLRequest, or the error of a server that does not know the request. */
    public RawReplicationClient untilByte() throws IOException {
        try {
            int answer = unread.read();
            if (answer == 'E') {
                unread.unread(answer);
                return untilClosed();
            }
            if (answer < 0) {
                closed(transcript);
            } else {
                transcript.add("byte " + (char) answer);
            }
        } catch (SocketException e) {
            closed(transcript);
        } catch (SocketTimeoutException e) {
            silent(transcript);
        }
        return this;
    }

    /** Reads to the next ReadyForQuery, or to the end of the connection. */
    public RawReplicationClient untilReady() throws IOException {
        readInto(transcript, Until.READY);
        return this;
    }

    /** Reads to the end of the connection. */
    public RawReplicationClient untilClosed() throws IOException {
        readInto(transcript, Until.CLOSED);
        return this;
    }

    /** Reads until streaming has begun, or to ReadyForQuery or the end of the connection when it does not. */
    public RawReplicationClient untilCopyBoth() throws IOException {
        readInto(transcript, Until.COPY_BOTH);
        return this;
    }

    /** Reads until the WAL up to {@code end} has come, or until the server ends the stream. */
    public RawReplicationClient untilWal(Lsn end) throws IOException {
        while (copy == Copy.BOTH && transcript.walEnd().isBefore(end)) {
            readInto(transcript, Until.ANY);
        }
        return this;
    }

    /** Reads to a keepalive. */
    public RawReplicationClient untilKeepalive() throws IOException {
        readInto(transcript, Until.KEEPALIVE);
        return this;
    }

    /** Streams with this command up to {@code end}, stops, and reads the result. */
    public RawReplicationClient stream(String command, Lsn end) throws IOException {
        query(command).untilCopyBoth().untilWal(end);
        return copy == Copy.NONE ? this : message('c').untilReady();
    }

    /** Sends a query and reads its result. */
    public RawReplicationClient ask(String query) throws IOException {
        return query(query).untilReady();
    }

    /** Sends a query, and returns its result instead of writing it down. */
    public List<String> answer(String query) throws IOException {
        Transcript aside = new Transcript();
        query(query);
        readInto(aside, Until.READY);
        return aside.lines();
    }

    /** Whether an answer has come to its end. */
    static boolean isComplete(List<String> answer) {
        return !answer.isEmpty() && answer.getLast().startsWith("ReadyForQuery");
    }

    /** Says good-bye as a client should. */
    @Override
    public void close() throws IOException {
        try (socket) {
            message('X');
        }
    }

    /** How far a stream is. After the server's CopyDone this side still owes its own. */
    private enum Copy {
        NONE,
        BOTH,
        SERVER_DONE
    }

    private enum Until {
        ANY,
        COPY_BOTH,
        KEEPALIVE,
        READY,
        CLOSED
    }

    private String readInto(Transcript target, Until until) throws IOException {
        while (!over) {
            String line;
            char type;
            try {
                type = (char) in.readUnsignedByte();
                int length = in.readInt();
                if (length < 4 || length > 1 << 30) {
                    // What a server says to a client of protocol 2 has no length.
                    return unframed(target, type, length);
                }
                byte[] body = new byte[length - 4];
                in.readFully(body);
                line = record(target, type, ByteBuffer.wrap(body));
            } catch (EOFException | SocketException e) {
                return closed(target);
            } catch (SocketTimeoutException e) {
                return silent(target);
            }
            boolean done = switch (until) {
                case ANY -> true;
                case COPY_BOTH -> type == 'W' || type == 'Z';
                case KEEPALIVE -> line.startsWith("Keepalive") || type == 'Z';
                case READY -> type == 'Z';
                case CLOSED -> false;
            };
            if (line.startsWith("Keepalive") && until == Until.KEEPALIVE) {
                target.add(line);
            }
            if (done) {
                return line;
            }
        }
        return "";
    }

    private String record(Transcript target, char type, ByteBuffer body) {
        if (type == 'd' && copy != Copy.NONE) {
            return recordStream(target, body);
        }
        if (type == 'K') {
            pid = body.getInt(0);
            key = new byte[body.remaining() - 4];
            body.get(4, key);
        }
        if (type == 'd') {
            return "CopyData"; // the contents of a backup are compared elsewhere
        }
        String line = MessageText.of(type, body);
        switch (type) {
            case 'S' -> {
                target.addParameterStatus(line);
                return line;
            }
            case 'W' -> copy = Copy.BOTH;
            case 'c' -> copy = copy == Copy.BOTH ? Copy.SERVER_DONE : copy;
            case 'E', 'C', 'Z' -> copy = Copy.NONE;
            default -> {}
        }
        target.add(line);
        return line;
    }

    private static String recordStream(Transcript target, ByteBuffer body) {
        char kind = (char) body.get();
        return switch (kind) {
            case 'w' -> {
                Lsn start = new Lsn(body.getLong());
                Lsn walEnd = new Lsn(body.getLong());
                body.getLong();
                byte[] data = new byte[body.remaining()];
                body.get(data);
                target.addWal(start, walEnd, data);
                yield "XLogData";
            }
            case 'k' -> {
                Lsn walEnd = new Lsn(body.getLong());
                body.getLong();
                yield "Keepalive end of WAL " + walEnd + " reply " + body.get();
            }
            default -> {
                target.add("CopyData of kind '" + kind + "'");
                yield "CopyData";
            }
        };
    }

    private String unframed(Transcript target, char type, int length) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        text.write(ByteBuffer.allocate(4).putInt(length).array());
        in.transferTo(text);
        target.add(
                "unframed " + type + text.toString(StandardCharsets.ISO_8859_1).strip());
        return closed(target);
    }

    private String closed(Transcript target) {
        over = true;
        copy = Copy.NONE;
        target.add("(closed)");
        return "(closed)";
    }

    private String silent(Transcript target) {
        over = true;
        copy = Copy.NONE;
        target.add("(silent)");
        return "(silent)";
    }
}
