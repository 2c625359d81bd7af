/** The WAL store: segments on disk, the writer, the flusher, the readers, recovery and the control file. */
@NullMarked
package io.walrelay.proxy.wal;

import org.jspecify.annotations.NullMarked;
