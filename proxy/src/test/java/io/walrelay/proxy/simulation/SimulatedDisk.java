package io.walrelay.proxy.simulation;

import io.walrelay.proxy.storage.FileVersion;
import io.walrelay.proxy.storage.Storage;
import io.walrelay.proxy.storage.StoredFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A file system in memory that knows what of it is durable, fails when told, and forgets at a crash what a real one may
 * forget. Names are durable by {@link #syncDirectory} alone, contents by {@link StoredFile#sync} alone. Not for
 * threads.
 */
final class SimulatedDisk implements Storage {
    private static final int COMES_BACK_AFTER = 12;
    private static final int READ_PART = 256 * 1024;

    private final Folder root = new Folder();
    private final List<Operation> operations = new ArrayList<>();
    private boolean stopped;
    private long faultAt = Long.MAX_VALUE;
    private @Nullable Fault fault;
    private int withoutSpace;
    private int withoutQuota;
    private int failures;
    private int onlookers;
    private @Nullable String failedSync;

    /** What was asked. Reads of one part of a file that follow each other count as one. */
    enum Kind {
        READ,
        CREATE,
        WRITE,
        NAME,
        SYNC;

        boolean canHave(Fault fault) {
            return switch (fault) {
                case SHORT_WRITE -> this == WRITE;
                case READ_ERROR -> this == READ;
                case WRITE_ERROR -> this != SYNC && this != READ;
                case SYNC_ERROR -> this == SYNC;
                case NO_SPACE, NO_SPACE_FOR_LONG, NO_QUOTA -> this == CREATE || this == WRITE;
                case CRASH -> this != READ;
            };
        }
    }

    /** An operation that was asked for. */
    record Operation(Kind kind, String what) {
        @Override
        public String toString() {
            return kind + " " + what;
        }
    }

    /** All that was asked, in order. */
    List<Operation> operations() {
        return operations;
    }

    /** The fault comes at the first operation from the {@code n}th on (counted from 0) that can have it. */
    void plan(long n, Fault next) {
        faultAt = n;
        fault = next;
    }

    /** Whether the program has ended. */
    boolean isStopped() {
        return stopped;
    }

    /** How many operations have failed, or found the program ended, so far. */
    int failures() {
        return failures;
    }

    /** Nothing fails from now on. */
    void repair() {
        fault = null;
        withoutSpace = 0;
        withoutQuota = 0;
    }

    /** Something that looks at the disk without being part of the program. */
    @FunctionalInterface
    interface Look {
        void take() throws IOException;
    }

    /** Looks at the disk: nothing fails, and nothing counts as asked. */
    void look(Look look) throws IOException {
        onlookers++;
        try {
            look.take();
        } finally {
            onlookers--;
        }
    }

    /**
     * The program has ended; whatever it still asks for is refused, until {@link #restart} or {@link #powerFailure}.
     */
    Crash stop(String reason) {
        stopped = true;
        failedSync = null;
        return new Crash(reason);
    }

    /** The program is started again, on a machine that went on: nothing is lost, and nothing more is durable. */
    void restart() {
        stopped = false;
    }

    /**
     * The machine is started again.
     *
     * @param kept how likely what was not synced has become durable nevertheless
     */
    void powerFailure(RandomGenerator random, double kept) {
        root.crash(random, kept, random.nextBoolean());
        stopped = false;
    }

    /** The file that a power failure that keeps nothing would leave under this name. */
    Optional<Inode> durable(Path file) {
        Object node = root;
        for (Path part : file) {
            if (!(node instanceof Folder folder)) {
                return Optional.empty();
            }
            node = folder.findDurable(part.toString());
        }
        return node instanceof Inode inode ? Optional.of(inode) : Optional.empty();
    }

    private void begin(Kind kind, String what) throws IOException {
        if (onlookers > 0) {
            return;
        }
        requireRunning();
        Operation operation = new Operation(kind, what);
        if (kind != Kind.READ || operations.isEmpty() || !operation.equals(operations.getLast())) {
            operations.add(operation);
        }
        Fault now = fault;
        if (now != null && operations.size() > faultAt && kind.canHave(now)) {
            fault = null;
            failures++;
            switch (now) {
                case NO_SPACE -> withoutSpace = 1;
                case NO_SPACE_FOR_LONG -> withoutSpace = COMES_BACK_AFTER;
                case NO_QUOTA -> withoutQuota = COMES_BACK_AFTER;
                case CRASH -> throw stop("crash before " + operation);
                case READ_ERROR, WRITE_ERROR -> throw new IOException("Input/output error at " + operation);
                case SYNC_ERROR -> {
                    failedSync = what;
                    throw new SyncFailed();
                }
                case SHORT_WRITE -> throw new ShortWrite();
            }
        }
        if (withoutQuota > 0 && kind.canHave(Fault.NO_QUOTA)) {
            withoutQuota--;
            failures++;
            throw new IOException("Disk quota exceeded");
        }
        if (withoutSpace > 0 && kind.canHave(Fault.NO_SPACE)) {
            withoutSpace--;
            failures++;
            throw new IOException("No space left on device");
        }
    }

    private void requireRunning() {
        if (onlookers > 0) {
            return;
        }
        requireNoFailedSync();
        if (stopped) {
            throw new Crash("the program has ended");
        }
    }

    /** A program that an fsync has failed for does nothing any more. */
    void requireNoFailedSync() {
        if (failedSync != null) {
            throw new AssertionError("the program goes on after a failed fsync of " + failedSync);
        }
    }

    private static final class SyncFailed extends IOException {
        private static final long serialVersionUID = 1L;

        SyncFailed() {
            super("Input/output error at fsync");
        }
    }

    private static final class ShortWrite extends IOException {
        private static final long serialVersionUID = 1L;

        ShortWrite() {
            super("No space left on device, after a part was written");
        }
    }

    @Override
    public StoredFile openToRead(Path file) throws IOException {
        requireRunning();
        return new OpenFile(file, inode(file));
    }

    @Override
    public StoredFile openToWrite(Path file) throws IOException {
        requireRunning();
        return new OpenFile(file, inode(file));
    }

    @Override
    public StoredFile create(Path file) throws IOException {
        begin(Kind.CREATE, file.toString());
        if (find(file) != null) {
            throw new FileAlreadyExistsException(file.toString());
        }
        Inode inode = new Inode();
        parent(file).link(name(file), inode);
        return new OpenFile(file, inode);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        begin(Kind.NAME, "rename " + from + " to " + to);
        Object node = find(from);
        if (node == null) {
            throw new NoSuchFileException(from.toString());
        }
        if (find(to) instanceof Folder replaced && !replaced.isEmpty()) {
            throw new DirectoryNotEmptyException(to.toString());
        }
        if (parent(from) != parent(to)) {
            throw new IllegalArgumentException("not within one directory: " + from + ", " + to);
        }
        parent(from).rename(name(from), name(to));
    }

    @Override
    public void delete(Path file) throws IOException {
        Object node = find(file);
        if (node == null) {
            requireRunning();
            return;
        }
        begin(Kind.NAME, "delete " + file);
        if (node instanceof Folder folder && !folder.isEmpty()) {
            throw new DirectoryNotEmptyException(file.toString());
        }
        parent(file).unlink(name(file));
    }

    @Override
    public void createDirectory(Path directory) throws IOException {
        begin(Kind.CREATE, "directory " + directory);
        if (find(directory) != null) {
            throw new FileAlreadyExistsException(directory.toString());
        }
        parent(directory).link(name(directory), new Folder());
    }

    @Override
    public boolean exists(Path path) throws IOException {
        begin(Kind.READ, "status of " + path);
        return find(path) != null;
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        requireRunning();
        return folder(directory).names();
    }

    @Override
    public FileVersion version(Path file) throws IOException {
        begin(Kind.READ, "status of " + file);
        Inode inode = inode(file);
        return new FileVersion(inode, inode.size(), inode.changes());
    }

    @Override
    public byte[] readAll(Path file) throws IOException {
        begin(Kind.READ, file.toString());
        Inode inode = inode(file);
        byte[] bytes = new byte[inode.size()];
        inode.read(0, ByteBuffer.wrap(bytes));
        return bytes;
    }

    @Override
    public long usableSpace(Path directory) {
        if (withoutSpace == 0) {
            return Long.MAX_VALUE;
        }
        // Who looks and then does not write is told the truth; somebody else makes room meanwhile.
        withoutSpace--;
        return 0;
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        Folder folder = folder(directory);
        try {
            begin(Kind.SYNC, "directory " + directory);
            folder.sync();
        } catch (SyncFailed e) {
            folder.drop();
            throw e;
        }
    }

    /** A byte of a file is changed, durably: by somebody who writes there, or by the medium, which no stat tells. */
    void change(Path file, int offset, int bits, boolean bySomebody) {
        if (find(file) instanceof Inode inode) {
            inode.change(offset, bits, bySomebody);
        }
    }

    /** What is in a directory, for those who look. */
    List<String> names(Path directory) {
        return find(directory) instanceof Folder folder ? folder.names() : List.of();
    }

    private @Nullable Object find(Path path) {
        Object node = root;
        for (Path part : path) {
            if (!(node instanceof Folder folder)) {
                return null;
            }
            node = folder.find(part.toString());
        }
        return node;
    }

    private Inode inode(Path file) throws IOException {
        if (find(file) instanceof Inode inode) {
            return inode;
        }
        throw new NoSuchFileException(file.toString());
    }

    private Folder folder(Path directory) throws IOException {
        if (find(directory) instanceof Folder folder) {
            return folder;
        }
        throw new NoSuchFileException(directory.toString());
    }

    private Folder parent(Path file) throws IOException {
        Path parent = file.getParent();
        return parent == null ? root : folder(parent);
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }

    private final class OpenFile implements StoredFile {
        private final Path name;
        private final Inode inode;

        OpenFile(Path name, Inode inode) {
            this.name = name;
            this.inode = inode;
        }

        @Override
        public void write(long position, ByteBuffer data) throws IOException {
            int at = (int) position;
            try {
                begin(Kind.WRITE, name + " at " + position);
            } catch (ShortWrite e) {
                // Half of it is taken, as the caller sees at its position.
                ByteBuffer half = data.slice(data.position(), data.remaining() / 2);
                data.position(data.position() + half.remaining());
                inode.write(at, half);
                throw e;
            }
            inode.write(at, data);
        }

        @Override
        public int read(long position, ByteBuffer target) throws IOException {
            begin(Kind.READ, name + " in part " + position / READ_PART);
            return inode.read((int) position, target);
        }

        @Override
        public void load(long position, long length) throws IOException {
            begin(Kind.READ, name + " to load part " + position / READ_PART);
        }

        @Override
        public void sync() throws IOException {
            try {
                begin(Kind.SYNC, name.toString());
                inode.sync();
            } catch (SyncFailed e) {
                inode.drop();
                throw e;
            }
        }

        @Override
        public long size() {
            requireRunning();
            return inode.size();
        }

        @Override
        public FileChannel channel() {
            throw new UnsupportedOperationException("there is no file to send from");
        }

        @Override
        public void close() {
            // Nothing is held that a crash or a restart would not take.
        }
    }
}
