package io.walrelay.bench.stage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A file system to measure on.
 *
 * @param type such as {@code tmpfs} or {@code ext4}
 * @param directory an existing directory on it
 */
public record Place(String type, Path directory) {
    private static final String MEMORY = "tmpfs";

    /** The file system of a directory. */
    public static Place of(Path directory) throws IOException {
        return new Place(Files.getFileStore(directory).type(), directory.toAbsolutePath());
    }

    /** Memory, where there is some to write to. */
    public static Optional<Place> memory() throws IOException {
        return first(Stream.of("/dev/shm", "/tmp"), true);
    }

    /** A disk, where there is one to write to. */
    public static Optional<Place> disk() throws IOException {
        return first(Stream.of("/var/tmp", "/tmp", System.getProperty("user.home")), false);
    }

    /** Memory first, then a disk. */
    public static List<Place> all() throws IOException {
        List<Place> all = new ArrayList<>();
        memory().ifPresent(all::add);
        disk().ifPresent(all::add);
        return all;
    }

    /** Memory; a disk where there is none. */
    public static List<Place> memoryFirst() throws IOException {
        return all().stream().limit(1).toList();
    }

    /** A disk; memory where there is none. */
    public static List<Place> diskFirst() throws IOException {
        return all().reversed().stream().limit(1).toList();
    }

    /** Whether it keeps nothing, and so has nothing to flush. */
    public boolean isMemory() {
        return type.equals(MEMORY);
    }

    /** How much may be written there, in bytes. */
    public long room() throws IOException {
        return Files.getFileStore(directory).getUsableSpace();
    }

    private static Optional<Place> first(Stream<String> names, boolean memory) throws IOException {
        for (String name : names.toList()) {
            Path directory = Path.of(name);
            if (Files.isDirectory(directory) && Files.isWritable(directory)) {
                Place place = of(directory);
                if (place.isMemory() == memory) {
                    return Optional.of(place);
                }
            }
        }
        return Optional.empty();
    }
}
