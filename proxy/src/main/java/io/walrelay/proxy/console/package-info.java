/** SQL for ordinary connections: views over the relay's live state, with PostgreSQL's names. */
@NullMarked
package io.walrelay.proxy.console;

import org.jspecify.annotations.NullMarked;
