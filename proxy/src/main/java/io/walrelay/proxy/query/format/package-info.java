/** Values of PostgreSQL's types as a client writes and reads them: text and binary. */
@NullMarked
package io.walrelay.proxy.query.format;

import org.jspecify.annotations.NullMarked;
