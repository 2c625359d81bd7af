/** The composition root: builds the parts of one relay, starts them in order and stops them in reverse. */
@NullMarked
package io.walrelay.proxy;

import org.jspecify.annotations.NullMarked;
