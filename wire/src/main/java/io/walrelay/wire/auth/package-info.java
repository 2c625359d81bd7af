/** Authentication exchanges of both sides as pure, bounded computations: no I/O, no Netty. */
@NullMarked
package io.walrelay.wire.auth;

import org.jspecify.annotations.NullMarked;
