/**
 * Netty handlers between bytes and messages, one for each direction and phase; every length is checked before it is
 * believed.
 */
@NullMarked
package io.walrelay.wire.codec;

import org.jspecify.annotations.NullMarked;
