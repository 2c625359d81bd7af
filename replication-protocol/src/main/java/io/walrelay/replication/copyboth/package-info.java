/** The messages inside a replication stream's CopyData: XLogData, keepalives, status updates, hot standby feedback. */
@NullMarked
package io.walrelay.replication.copyboth;

import org.jspecify.annotations.NullMarked;
