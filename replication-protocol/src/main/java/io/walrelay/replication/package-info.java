/** PostgreSQL's replication terms as types: LSN, timeline, system identifier, segment size, file names. */
@NullMarked
package io.walrelay.replication;

import org.jspecify.annotations.NullMarked;
