/** The proxy against real PostgreSQL servers of every supported major version. */
@NullMarked
package io.walrelay.it;

import org.jspecify.annotations.NullMarked;
