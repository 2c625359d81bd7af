package io.walrelay.proxy.embedded;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A blocking replication connection for a tool that runs beside the relay: trust authentication, simple queries, one
 * message at a time. The relay itself speaks through the {@code wire} module; this stays independent of it, so that
 * what the relay sends is read by other eyes.
 */
final class ReplicationConnection implements AutoCloseable {
    /** No message in a base backup comes near this. */
    private static final int MAX_MESSAGE = 16 * 1024 * 1024;

    private static final int PROTOCOL_3_0 = 3 << 16;
    private static final Duration POLL = Duration.ofMillis(20);
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    /** A message of the server: its type and its body, whose length is in bytes. */
    record Message(char type, ByteBuffer body) {
        /** The fields of a DataRow. */
        List<@Nullable String> row() {
            List<@Nullable String> values = new ArrayList<>();
            int count = body.getShort();
            for (int i = 0; i < count; i++) {
                int length = body.getInt();
                if (length < 0) {
                    values.add(null);
                } else {
                    byte[] bytes = new byte[length];
                    body.get(bytes);
                    values.add(new String(bytes, StandardCharsets.UTF_8));
                }
            }
            return values;
        }

        /** The text up to the next NUL. */
        String string() {
            StringBuilder bytes = new StringBuilder();
            for (byte next = body.get(); next != 0; next = body.get()) {
                bytes.append((char) (next & 0xFF));
            }
            return new String(bytes.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        }
    }

    /** What the server refused, in its words. */
    static final class ServerError extends IOException {
        private static final long serialVersionUID = 1L;

        private final String sqlState;

        private ServerError(String message, String sqlState) {
            super(message);
            this.sqlState = sqlState;
        }

        /** Whether the server says that it is starting up (57P03 cannot_connect_now). */
        boolean comesLater() {
            return sqlState.equals("57P03");
        }
    }

    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;
    private String serverVersion = "";

    private ReplicationConnection(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 64 * 1024));
        this.out = new DataOutputStream(socket.getOutputStream());
    }

    /**
     * Connects and logs in.
     *
     * @throws IOException when the server cannot be reached, refuses, or wants a password
     */
    static ReplicationConnection open(String host, int port, String user) throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(host, port), (int) TIMEOUT.toMillis());
            socket.setSoTimeout((int) TIMEOUT.toMillis());
            socket.setTcpNoDelay(true);
            ReplicationConnection connection = new ReplicationConnection(socket);
            connection.logIn(user);
            return connection;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /**
     * Waits until replication connections are accepted there.
     *
     * @throws IOException when the server refuses for another reason than that it is starting, or takes too long
     */
    static void await(String host, int port, String user, Duration limit) throws IOException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            try {
                open(host, port, user).close();
                return;
            } catch (ConnectException e) {
                giveUpAfter(deadline, e);
            } catch (ServerError e) {
                if (!e.comesLater()) {
                    throw e;
                }
                giveUpAfter(deadline, e);
            }
            LockSupport.parkNanos(POLL.toNanos());
        }
    }

    private static void giveUpAfter(long deadline, IOException failure) throws IOException {
        if (System.nanoTime() > deadline) {
            throw failure;
        }
    }

    /** What the server said of its version, such as {@code 18.6}. */
    String serverVersion() {
        return serverVersion;
    }

    /** The server's major version, such as 18. */
    int serverMajor() {
        return Integer.parseInt(serverVersion.split("\\D", 2)[0]);
    }

    /** Sends one simple query. */
    void query(String query) throws IOException {
        send('Q', cString(query));
    }

    /**
     * The next message, but for notices and parameter reports.
     *
     * @throws IOException with the server's words when it is an ErrorResponse
     */
    Message read() throws IOException {
        while (true) {
            char type = (char) in.readUnsignedByte();
            int length = in.readInt() - 4;
            if (length < 0 || length > MAX_MESSAGE) {
                throw new IOException("invalid message length " + length + " of type \"" + type + "\"");
            }
            byte[] body = new byte[length];
            in.readFully(body);
            Message message = new Message(type, ByteBuffer.wrap(body));
            switch (type) {
                case 'E' -> throw error(message);
                case 'S' -> {
                    if (message.string().equals("server_version")) {
                        serverVersion = message.string();
                    }
                }
                case 'N' -> {}
                default -> {
                    return message;
                }
            }
        }
    }

    /** As {@link #read}, and it must be of this type. */
    Message expect(char type) throws IOException {
        Message message = read();
        if (message.type() != type) {
            throw new IOException("expected message type \"" + type + "\", got \"" + message.type() + "\"");
        }
        return message;
    }

    @Override
    public void close() throws IOException {
        try (socket) {
            send('X', new byte[0]);
        }
    }

    private void logIn(String user) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (String text : List.of(
                "user", user, "database", "replication", "replication", "true", "application_name", "basebackup")) {
            body.writeBytes(cString(text));
        }
        body.write(0);
        out.writeInt(body.size() + 8);
        out.writeInt(PROTOCOL_3_0);
        out.write(body.toByteArray());
        out.flush();
        int kind = expect('R').body().getInt();
        if (kind != 0) {
            throw new IOException("the server asks for authentication (kind " + kind + "), which this does not speak");
        }
        expect('K');
        expect('Z');
    }

    private void send(char type, byte[] body) throws IOException {
        ByteBuffer message = ByteBuffer.allocate(5 + body.length);
        message.put((byte) type).putInt(4 + body.length).put(body);
        out.write(message.array());
        out.flush();
    }

    private static byte[] cString(String text) {
        return (text + "\0").getBytes(StandardCharsets.UTF_8);
    }

    private static ServerError error(Message message) {
        StringBuilder text = new StringBuilder();
        String sqlState = "";
        for (byte field = message.body().get();
                field != 0;
                field = message.body().get()) {
            String value = message.string();
            switch (field) {
                case 'S' -> text.append(value).append(":  ");
                case 'M' -> text.append(value);
                case 'D' -> text.append(" (").append(value).append(')');
                case 'C' -> sqlState = value;
                default -> {}
            }
        }
        return new ServerError(text.toString(), sqlState);
    }
}
