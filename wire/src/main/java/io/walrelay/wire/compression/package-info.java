/**
 * A COPY BOTH whose data goes compressed from server to client, where both are relays: the option that agrees it at
 * start-up, and one handler for each side.
 */
@NullMarked
package io.walrelay.wire.compression;

import org.jspecify.annotations.NullMarked;
