/** The downstream side of streaming: states, sending, keepalives, shutdown. */
@NullMarked
package io.walrelay.proxy.walsender;

import org.jspecify.annotations.NullMarked;
