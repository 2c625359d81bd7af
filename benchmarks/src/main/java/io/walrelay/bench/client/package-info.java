/** Clients that take WAL and throw it away, in this process, so that their CPU time is not the server's. */
@NullMarked
package io.walrelay.bench.client;

import org.jspecify.annotations.NullMarked;
