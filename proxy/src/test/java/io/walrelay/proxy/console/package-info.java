/** Tests of the console. */
@NullMarked
package io.walrelay.proxy.console;

import org.jspecify.annotations.NullMarked;
