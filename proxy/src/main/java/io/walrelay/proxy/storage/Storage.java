package io.walrelay.proxy.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * What walrelay asks of a file system. Everything that touches the data directory goes through here, so that a test can
 * put a faulty disk in its place. Nothing is durable before {@link StoredFile#sync()} (contents) and
 * {@link #syncDirectory} (names).
 */
public interface Storage {
    /** Opens an existing file to read. @throws java.nio.file.NoSuchFileException if there is none */
    StoredFile openToRead(Path file) throws IOException;

    /** Opens an existing file to read and write. @throws java.nio.file.NoSuchFileException if there is none */
    StoredFile openToWrite(Path file) throws IOException;

    /** Creates a file. @throws java.nio.file.FileAlreadyExistsException if it is there already */
    StoredFile create(Path file) throws IOException;

    /** Renames, replacing what has the new name, atomically. */
    void rename(Path from, Path to) throws IOException;

    /** Removes a file if it is there. */
    void delete(Path file) throws IOException;

    /** Creates a directory, the owner's alone. @throws java.nio.file.FileAlreadyExistsException if the name is there */
    void createDirectory(Path directory) throws IOException;

    /** Whether a file or directory of this name is there. @throws IOException if that cannot be told */
    boolean exists(Path path) throws IOException;

    /** The names (not paths) of what the directory holds, sorted. */
    List<String> list(Path directory) throws IOException;

    /** Which file this is, and as of when. @throws java.nio.file.NoSuchFileException if there is none */
    FileVersion version(Path file) throws IOException;

    /** The whole of a small file. */
    byte[] readAll(Path file) throws IOException;

    /** Bytes that can still be written in the file system of this directory. */
    long usableSpace(Path directory) throws IOException;

    /** Makes the names in a directory durable ({@code fsync} of the directory). */
    void syncDirectory(Path directory) throws IOException;

    /**
     * Creates a directory and its parents if they are not there, each durable before anything is made in it. The name
     * of one that is there already is made durable too: a start before this one may have been killed in between.
     */
    default void createDirectories(Path directory) throws IOException {
        Path parent = directory.toAbsolutePath().getParent();
        if (parent == null) {
            return;
        }
        if (!exists(directory)) {
            createDirectories(parent);
            createDirectory(directory);
        }
        try {
            syncDirectory(parent);
        } catch (AccessDeniedException notReadable) {
            // As PostgreSQL's fsync_fname: a directory that may be written but not read cannot be synced.
            return;
        }
    }

    /**
     * Replaces a small file as a whole, or creates it: after a crash either the old or the new contents are there, and
     * once this returns the new ones are durable.
     */
    default void replace(Path file, byte[] contents) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        delete(temporary);
        try (StoredFile out = create(temporary)) {
            out.write(0, ByteBuffer.wrap(contents));
            out.sync();
        }
        rename(temporary, file);
        syncDirectory(Objects.requireNonNull(file.getParent()));
    }
}
