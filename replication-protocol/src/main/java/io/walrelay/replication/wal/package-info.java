/** The format of WAL: pages, records, their checks, and where valid WAL ends. */
@NullMarked
package io.walrelay.replication.wal;

import org.jspecify.annotations.NullMarked;
