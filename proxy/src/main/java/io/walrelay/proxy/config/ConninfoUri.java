package io.walrelay.proxy.config;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** Reads {@code postgresql://user:password@host:port,host:port/dbname?option=value} (conninfo_uri_parse of fe-connect.c).
 *
 * <p>Where libpq repeats the whole URI in a message, this does not: there may be a password in it.
 */
final class ConninfoUri {
    private final String uri;
    private final SequencedMap<String, String> options = new LinkedHashMap<>();
    private final StringBuilder hosts = new StringBuilder();
    private final StringBuilder ports = new StringBuilder();
    private int at;

    private ConninfoUri(String uri) {
        this.uri = uri;
    }

    static boolean isUri(String conninfo) {
        return conninfo.startsWith("postgresql://") || conninfo.startsWith("postgres://");
    }

    static SequencedMap<String, String> parse(String uri) throws ConnectionInfoException {
        ConninfoUri parser = new ConninfoUri(uri);
        parser.at = uri.indexOf("://") + 3;
        parser.credentials();
        parser.hosts();
        if (parser.peek() == '/') {
            parser.at++;
            parser.put("dbname", parser.until("?"));
        }
        if (parser.peek() == '?') {
            parser.at++;
            parser.query();
        }
        return parser.options;
    }

    private void credentials() throws ConnectionInfoException {
        int start = at;
        until("@/");
        if (peek() != '@') {
            at = start;
            return;
        }
        at = start;
        put("user", until(":@"));
        if (peek() == ':') {
            at++;
            put("password", until("@"));
        }
        at++;
    }

    private void hosts() throws ConnectionInfoException {
        while (true) {
            hosts.append(peek() == '[' ? bracketed() : until(":/?,"));
            if (peek() == ':') {
                at++;
                ports.append(until("/?,"));
            }
            if (peek() != ',') {
                break;
            }
            at++;
            hosts.append(',');
            ports.append(',');
        }
        put("host", hosts.toString());
        put("port", ports.toString());
    }

    private String bracketed() throws ConnectionInfoException {
        at++;
        String host = until("]");
        if (at == uri.length()) {
            throw new ConnectionInfoException(
                    "end of string reached when looking for matching \"]\" in IPv6 host address in URI");
        }
        if (host.isEmpty()) {
            throw new ConnectionInfoException("IPv6 host address may not be empty in URI");
        }
        at++;
        if (at < uri.length() && ":/?,".indexOf(peek()) < 0) {
            throw new ConnectionInfoException(
                    "unexpected character \"%c\" at position %d in URI (expected \":\" or \"/\")"
                            .formatted(peek(), at + 1));
        }
        return host;
    }

    private void query() throws ConnectionInfoException {
        while (at < uri.length()) {
            String parameter = until("&");
            at++;
            int equals = parameter.indexOf('=');
            if (equals < 0) {
                throw new ConnectionInfoException(
                        "missing key/value separator \"=\" in URI query parameter: \"%s\"".formatted(parameter));
            }
            String name = decode(parameter.substring(0, equals));
            if (parameter.indexOf('=', equals + 1) >= 0) {
                throw new ConnectionInfoException(
                        "extra key/value separator \"=\" in URI query parameter: \"%s\"".formatted(name));
            }
            String value = decode(parameter.substring(equals + 1));
            if (name.equals("ssl") && value.equals("true")) {
                name = "sslmode";
                value = "require";
            }
            if (!ConninfoOptions.isKnown(name)) {
                throw new ConnectionInfoException("invalid URI query parameter: \"%s\"".formatted(name));
            }
            options.put(name, value);
        }
    }

    private void put(String name, String encoded) throws ConnectionInfoException {
        if (!encoded.isEmpty()) {
            options.put(name, decode(encoded));
        }
    }

    /** Takes what is before the first of these characters, or all that is left. */
    private String until(String characters) {
        int start = at;
        while (at < uri.length() && characters.indexOf(uri.charAt(at)) < 0) {
            at++;
        }
        return uri.substring(start, at);
    }

    private char peek() {
        return at < uri.length() ? uri.charAt(at) : '\0';
    }

    private static String decode(String encoded) throws ConnectionInfoException {
        ByteArrayOutputStream decoded = new ByteArrayOutputStream();
        byte[] bytes = encoded.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != '%') {
                decoded.write(bytes[i]);
                continue;
            }
            int high = i + 2 <= bytes.length - 1 ? Character.digit(bytes[i + 1], 16) : -1;
            int low = i + 2 <= bytes.length - 1 ? Character.digit(bytes[i + 2], 16) : -1;
            if (high < 0 || low < 0) {
                throw new ConnectionInfoException("invalid percent-encoded token");
            }
            if (high == 0 && low == 0) {
                throw new ConnectionInfoException("forbidden value %00 in percent-encoded value");
            }
            decoded.write(high * 16 + low);
            i += 2;
        }
        return decoded.toString(StandardCharsets.UTF_8);
    }
}
