/** Physical replication slots: created, read, dropped, persisted. */
@NullMarked
package io.walrelay.proxy.slot;

import org.jspecify.annotations.NullMarked;
