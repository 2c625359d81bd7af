package io.walrelay.proxy.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * As whom PostgreSQL's programs run. PostgreSQL refuses to run as root, so root hands them to an unprivileged user:
 * {@code postgres} or {@code nobody}, or a user namespace of their own in which this process is nobody. Where
 * {@code setpriv} is installed, a server also gets SIGQUIT (PostgreSQL's immediate shutdown) when this JVM dies.
 */
sealed interface ServerUser {
    /** The command line that runs {@code command} as this user. */
    List<String> commandLine(List<String> command);

    /** Gives a tree of files to this user. */
    void own(Path tree) throws IOException;

    /** The user of this JVM. */
    record Self(List<String> prefix) implements ServerUser {
        @Override
        public List<String> commandLine(List<String> command) {
            return concat(prefix, command);
        }

        @Override
        public void own(Path tree) {}
    }

    /** Another user, to whom the prefix switches. */
    record Other(List<String> prefix, int uid, int gid) implements ServerUser {
        @Override
        public List<String> commandLine(List<String> command) {
            return concat(prefix, command);
        }

        @Override
        public void own(Path tree) throws IOException {
            FileTree.changeOwner(tree, uid, gid);
        }
    }

    /** The user that fits this JVM and machine; found once. */
    static ServerUser current() throws IOException {
        return Found.user();
    }

    /** The effective user id of this process. */
    static int effectiveUid() throws IOException {
        return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    }

    private static ServerUser find() throws IOException {
        Optional<String> setpriv = program("setpriv");
        List<String> dieWithParent = setpriv.map(path -> List.of(path, "--pdeathsig", "QUIT"))
                .filter(ServerUser::works)
                .orElse(List.of());
        if (effectiveUid() != 0) {
            return new Self(dieWithParent);
        }
        for (Account account : accounts()) {
            List<List<String>> prefixes = new ArrayList<>();
            setpriv.ifPresent(path -> prefixes.add(List.of(
                    path,
                    "--reuid=" + account.uid(),
                    "--regid=" + account.gid(),
                    "--clear-groups",
                    "--pdeathsig",
                    "QUIT")));
            program("runuser").ifPresent(path -> prefixes.add(List.of(path, "-u", account.name(), "--")));
            for (List<String> prefix : prefixes) {
                if (works(prefix)) {
                    return new Other(prefix, account.uid(), account.gid());
                }
            }
        }
        Optional<List<String>> namespace =
                program("unshare").map(path -> List.of(path, "-U")).filter(ServerUser::works);
        if (namespace.isPresent()) {
            // Within the namespace this process's files belong to the same unmapped user as the server itself.
            return new Self(concat(dieWithParent, namespace.get()));
        }
        throw new IOException("PostgreSQL does not run as root, and no way was found to run it as another user:"
                + " install util-linux (setpriv, runuser or unshare), or run this as an ordinary user");
    }

    private static List<String> concat(List<String> prefix, List<String> command) {
        return Stream.concat(prefix.stream(), command.stream()).toList();
    }

    private static Optional<String> program(String name) {
        return Stream.of("/usr/bin", "/usr/sbin", "/bin", "/sbin")
                .map(directory -> Path.of(directory, name))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    private static boolean works(List<String> prefix) {
        Optional<String> nothing = program("true");
        if (nothing.isEmpty()) {
            return false;
        }
        try {
            Process process = new ProcessBuilder(concat(prefix, List.of(nothing.get())))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return false;
            }
            return process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** A line of {@code /etc/passwd}. */
    record Account(String name, int uid, int gid) {}

    private static List<Account> accounts() throws IOException {
        Path passwd = Path.of("/etc/passwd");
        if (!Files.isReadable(passwd)) {
            return List.of();
        }
        List<Account> all = Files.readAllLines(passwd).stream()
                .map(line -> line.split(":", -1))
                .filter(fields -> fields.length >= 4)
                .filter(fields -> fields[2].matches("\\d{1,9}") && fields[3].matches("\\d{1,9}"))
                .map(fields -> new Account(fields[0], Integer.parseInt(fields[2]), Integer.parseInt(fields[3])))
                .toList();
        return Stream.of("postgres", "nobody")
                .flatMap(name -> all.stream().filter(account -> account.name().equals(name)))
                .toList();
    }

    /** Found on first use and kept. */
    final class Found {
        private static volatile @Nullable ServerUser user;

        private Found() {}

        private static ServerUser user() throws IOException {
            ServerUser found = user;
            if (found == null) {
                found = find();
                user = found;
            }
            return found;
        }
    }
}
