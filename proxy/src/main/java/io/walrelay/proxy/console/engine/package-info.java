/** The console on an embedded H2 database in memory, of which a client never reaches anything by itself. */
@NullMarked
package io.walrelay.proxy.console.engine;

import org.jspecify.annotations.NullMarked;
