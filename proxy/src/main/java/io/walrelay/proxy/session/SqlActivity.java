package io.walrelay.proxy.session;

/** Where a session that speaks SQL is, as its event loop sees it. */
sealed interface SqlActivity {
    /** Waits for the client. */
    record Idle() implements SqlActivity {}

    /** A worker has it. */
    record Working() implements SqlActivity {}

    /** There is more to be sent than the client takes now. */
    record Blocked() implements SqlActivity {}

    /** A worker has it, and it ends when that is done with what it does. */
    record Finishing() implements SqlActivity {}

    /** Nothing more is read or sent; a worker may still have it. */
    record Closed() implements SqlActivity {}
}
