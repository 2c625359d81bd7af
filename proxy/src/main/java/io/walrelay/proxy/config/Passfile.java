package io.walrelay.proxy.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The password file of libpq: lines {@code host:port:database:user:password} (passwordFromFile of fe-connect.c). */
public final class Passfile {
    private static final Set<PosixFilePermission> OWNER_ONLY = EnumSet.of(
            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);

    private final String file;

    /** What a look into the file brought.
     *
     * @param warnings why the file was not used, in libpq's words
     */
    public record Lookup(Optional<String> password, List<String> warnings) {
        @Override
        public String toString() {
            return "Lookup[password=" + (password.isPresent() ? "********" : "none") + ", warnings=" + warnings + "]";
        }
    }

    Passfile(String file) {
        this.file = file;
    }

    /** The file that the connection string names, else PGPASSFILE, else ~/.pgpass. */
    static Passfile of(Optional<String> named) {
        return new Passfile(named.or(() -> Optional.ofNullable(System.getenv("PGPASSFILE")))
                .orElseGet(() -> System.getProperty("user.home", "") + "/.pgpass"));
    }

    /** The password of the first line that matches. */
    Lookup find(ConnectionInfo.Host host, String database, String user) {
        try {
            Path path = Path.of(file);
            if (!Files.exists(path)) {
                return new Lookup(Optional.empty(), List.of());
            }
            if (!Files.isRegularFile(path)) {
                return warning("password file \"%s\" is not a plain file".formatted(file));
            }
            if (!OWNER_ONLY.containsAll(Files.getPosixFilePermissions(path))) {
                return warning(
                        "password file \"%s\" has group or world access; permissions should be u=rw (0600) or less"
                                .formatted(file));
            }
            List<String> wanted = List.of(host.name(), Integer.toString(host.port()), database, user);
            for (String line : Files.readAllLines(path, StandardCharsets.UTF_8)) {
                Optional<String> password = match(line, wanted);
                if (password.isPresent()) {
                    return new Lookup(password, List.of());
                }
            }
            return new Lookup(Optional.empty(), List.of());
        } catch (IOException | UnsupportedOperationException | InvalidPathException e) {
            return warning("could not read password file \"%s\": %s".formatted(file, e.getMessage()));
        }
    }

    private static Lookup warning(String warning) {
        return new Lookup(Optional.empty(), List.of(warning));
    }

    /**
     * The last field of the line, if the fields before it match: {@code *} is anything, a backslash takes the next as
     * it is.
     */
    private static Optional<String> match(String line, List<String> wanted) {
        if (line.startsWith("#")) {
            return Optional.empty();
        }
        int at = 0;
        for (String value : wanted) {
            int end = fieldEnd(line, at);
            if (end == line.length()) {
                return Optional.empty();
            }
            String field = line.substring(at, end);
            if (!field.equals("*") && !unescape(field).equals(value)) {
                return Optional.empty();
            }
            at = end + 1;
        }
        String password = unescape(line.substring(at, fieldEnd(line, at)));
        return password.isEmpty() ? Optional.empty() : Optional.of(password);
    }

    private static int fieldEnd(String line, int from) {
        int at = from;
        while (at < line.length() && line.charAt(at) != ':') {
            at += line.charAt(at) == '\\' ? 2 : 1;
        }
        return Math.min(at, line.length());
    }

    private static String unescape(String field) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < field.length(); i++) {
            if (field.charAt(i) == '\\' && i + 1 < field.length()) {
                i++;
            }
            text.append(field.charAt(i));
        }
        return text.toString();
    }
}
