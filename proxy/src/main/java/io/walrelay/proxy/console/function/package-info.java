/** The functions that SQL may call: a closed list, nothing else can be reached. */
@NullMarked
package io.walrelay.proxy.console.function;

import org.jspecify.annotations.NullMarked;
