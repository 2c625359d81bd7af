@NullMarked
package io.walrelay.proxy.slot;

import org.jspecify.annotations.NullMarked;
