/**
 * The messages of PostgreSQL's frontend/backend protocol 3.x as small immutable values, without the means to read or
 * write them.
 */
@NullMarked
package io.walrelay.wire.message;

import org.jspecify.annotations.NullMarked;
