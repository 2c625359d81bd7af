/** Timeline history and its file. */
@NullMarked
package io.walrelay.replication.timeline;

import org.jspecify.annotations.NullMarked;
