/** Functions of the C library that Java does not offer. */
@NullMarked
package io.walrelay.bench.libc;

import org.jspecify.annotations.NullMarked;
