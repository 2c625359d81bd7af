package io.walrelay.it.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.proxy.embedded.PostgresBinaries;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.testcontainers.images.builder.ImageFromDockerfile;

/**
 * A container image with PostgreSQL and what it needs to run, made from this machine's files: no registry is asked.
 *
 * @param image to start; it stays in the engine, under a name of its own, and the next run makes it anew
 * @param home where PostgreSQL is, in the image
 */
public record ContainerImage(ImageFromDockerfile image, Path home) {
    private static final Pattern LIBRARY = Pattern.compile("\\s(/\\S+)\\s\\(0x");

    /** The user of the image that may run PostgreSQL. */
    public static final String USER = "postgres";

    /**
     * Makes an image of the binaries: they, a shell, the system's libraries they use, and a directory for all to write
     * to.
     */
    public static ContainerImage of(PostgresBinaries binaries, Path scratch) throws IOException {
        Files.createDirectories(scratch.resolve("etc"));
        Files.writeString(scratch.resolve("etc/passwd"), USER + ":x:999:999::/tmp:/bin/sh\n");
        Files.createDirectory(scratch.resolve("tmp"));
        Files.setPosixFilePermissions(scratch.resolve("tmp"), PosixFilePermissions.fromString("rwxrwxrwx"));
        Path packed = scratch.resolve("image.tar");
        List<String> tar = new ArrayList<>(
                List.of("tar", "-c", "-h", "-f", packed.toString(), "-C", scratch.toString(), "etc", "tmp", "-C", "/"));
        tar.add("bin/sh");
        tar.add(inRoot(binaries.home()));
        systemLibraries(binaries).forEach(library -> tar.add(inRoot(library)));
        run(tar);
        ImageFromDockerfile image = new ImageFromDockerfile("walrelay-test/postgresql:" + binaries.version(), false)
                .withFileFromPath(packed.getFileName().toString(), packed)
                .withDockerfileFromBuilder(
                        file -> file.from("scratch").add(packed.getFileName().toString(), "/"));
        return new ContainerImage(image, binaries.home());
    }

    private static void run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (InputStream output = process.getInputStream()) {
            String said = new String(output.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(said).isZero();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private static String inRoot(Path path) {
        return Path.of("/").relativize(path).toString();
    }

    /** As the dynamic linker finds them, those that come with PostgreSQL excepted. */
    private static TreeSet<Path> systemLibraries(PostgresBinaries binaries) throws IOException {
        List<String> ldd = new ArrayList<>(List.of("ldd", "/bin/sh"));
        try (Stream<Path> files = Files.walk(binaries.home())) {
            files.map(Path::toString)
                    .filter(file -> file.contains("/bin/") || file.contains(".so"))
                    .filter(file -> Files.isRegularFile(Path.of(file)))
                    .forEach(ldd::add);
        }
        // Its exit status says whether all of the files are dynamic, which they need not be.
        Process listing = new ProcessBuilder(ldd)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        TreeSet<Path> libraries = new TreeSet<>();
        try (InputStream output = listing.getInputStream()) {
            Matcher matcher = LIBRARY.matcher(new String(output.readAllBytes(), StandardCharsets.UTF_8));
            while (matcher.find()) {
                Path library = Path.of(matcher.group(1));
                if (!library.startsWith(binaries.home())) {
                    libraries.add(library);
                }
            }
        }
        return libraries;
    }
}
