package io.walrelay.proxy.walsender;

import io.walrelay.wire.error.PgException;
import java.util.Optional;

/** For a stream that must not end. */
final class NoEnd implements WalSender.End {
    @Override
    public void copyDone(Optional<SendPosition.Historic> next) {
        throw new AssertionError(next);
    }

    @Override
    public void failed(PgException error) {
        throw error;
    }

    @Override
    public void fatal(PgException error) {
        throw error;
    }

    @Override
    public void closeSilently(String reason) {
        throw new AssertionError(reason);
    }

    @Override
    public void drained() {
        throw new AssertionError("drained");
    }
}
