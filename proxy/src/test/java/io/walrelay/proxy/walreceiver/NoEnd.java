package io.walrelay.proxy.walreceiver;

import io.walrelay.wire.error.PgException;

/** For a stream that is not expected to end. */
final class NoEnd implements StreamReceiver.Outcome {
    @Override
    public void continuesOurs() {}

    @Override
    public void endOfTimeline() {}

    @Override
    public void endOfWal() {}

    @Override
    public void failed(PgException reason) {
        throw reason;
    }
}
