/** The upstream side: login, commands, streaming, status updates, reconnection. */
@NullMarked
package io.walrelay.proxy.walreceiver;

import org.jspecify.annotations.NullMarked;
