/** Tells a service manager how the relay is: systemd's notify protocol. */
@NullMarked
package io.walrelay.proxy.systemd;

import org.jspecify.annotations.NullMarked;
