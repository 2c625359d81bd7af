/** PostgreSQL's types: which there are, what the engine keeps their values in, and their text. */
@NullMarked
package io.walrelay.proxy.console.type;

import org.jspecify.annotations.NullMarked;
