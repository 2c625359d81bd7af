package io.walrelay.proxy.wal;

import io.netty.util.AbstractReferenceCounted;
import io.netty.util.ReferenceCounted;
import io.walrelay.proxy.storage.StoredFile;
import io.walrelay.replication.WalFileName;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * An open segment file. Reference counted, since a region of it may still wait in a socket's queue when its reader has
 * gone on to the next segment; closed with the last reference. A rename ({@code .partial} to the final name) does not
 * disturb an open one.
 */
public final class WalSegment extends AbstractReferenceCounted {
    private final WalFileName name;
    private final StoredFile file;
    private final Runnable closed;

    /** @param closed told when the last reference has gone */
    WalSegment(WalFileName name, StoredFile file, Runnable closed) {
        this.name = name;
        this.file = file;
        this.closed = closed;
    }

    /** Timeline and number of the file, which are those of its name; the pages inside may carry an older timeline. */
    public WalFileName name() {
        return name;
    }

    /**
     * The file; behind the end of what was written are zeros, what a write has left that was not published, or nothing.
     */
    public StoredFile file() {
        return file;
    }

    @Override
    protected void deallocate() {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            closed.run();
        }
    }

    @Override
    public ReferenceCounted touch(Object hint) {
        return this;
    }
}
