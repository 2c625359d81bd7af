@NullMarked
package io.walrelay.proxy.event;

import org.jspecify.annotations.NullMarked;
