package io.walrelay.proxy.tls;

import io.walrelay.proxy.config.Problem;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** Who may read a private key ({@code check_ssl_key_file_permissions}). */
final class KeyFile {
    private static final Set<PosixFilePermission> OWNERS = EnumSet.of(
            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);

    private static final Set<PosixFilePermission> ROOTS = EnumSet.of(
            PosixFilePermission.OWNER_READ,
            PosixFilePermission.OWNER_WRITE,
            PosixFilePermission.OWNER_EXECUTE,
            PosixFilePermission.GROUP_READ);

    private final Path file;
    private final String owner;
    private final boolean regular;
    private final Set<PosixFilePermission> permissions;

    private KeyFile(Path file, PosixFileAttributes attributes) {
        this.file = file;
        this.owner = attributes.owner().getName();
        this.regular = attributes.isRegularFile();
        this.permissions = attributes.permissions();
    }

    /** Looks at a file that must be there. */
    static KeyFile of(Path file) throws IOException {
        return new KeyFile(file, Files.readAttributes(file, PosixFileAttributes.class));
    }

    /** What is wrong with the key file of a server that runs as the user that this program runs as. */
    static Optional<Problem> problemOfServer(Path file) {
        try {
            return of(file).problem(System.getProperty("user.name", ""));
        } catch (IOException e) {
            return Optional.of(Problem.of("could not access private key file \"%s\": %s".formatted(file, reason(e))));
        }
    }

    /** As a server run by {@code user} judges it. */
    Optional<Problem> problem(String user) {
        if (!regular) {
            return Optional.of(Problem.of("private key file \"%s\" is not a regular file".formatted(file)));
        }
        boolean root = owner.equals("root");
        if (!owner.equals(user) && !root) {
            return Optional.of(
                    Problem.of("private key file \"%s\" must be owned by the database user or root".formatted(file)));
        }
        if (!(root ? ROOTS : OWNERS).containsAll(permissions)) {
            return Optional.of(new Problem(
                    "private key file \"%s\" has group or world access".formatted(file),
                    Optional.of("File must have permissions u=rw (0600) or less if owned by the database user, or"
                            + " permissions u=rw,g=r (0640) or less if owned by root."),
                    Optional.empty()));
        }
        return Optional.empty();
    }

    /** As libpq judges it, which may run as root with the key of somebody else. */
    Optional<String> problemOfClient() {
        if (!regular) {
            return Optional.of("private key file \"" + file + "\" is not a regular file");
        }
        if (!(owner.equals("root") ? ROOTS : OWNERS).containsAll(permissions)) {
            return Optional.of("private key file \"" + file + "\" has group or world access; file must have permissions"
                    + " u=rw (0600) or less if owned by the current user, or permissions u=rw,g=r (0640) or less if"
                    + " owned by root");
        }
        return Optional.empty();
    }

    static String reason(IOException e) {
        return switch (e) {
            case NoSuchFileException missing -> "No such file or directory";
            case AccessDeniedException denied -> "Permission denied";
            default -> String.valueOf(e.getMessage());
        };
    }
}
