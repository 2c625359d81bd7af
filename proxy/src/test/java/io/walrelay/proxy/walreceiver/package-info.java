@NullMarked
package io.walrelay.proxy.walreceiver;

import org.jspecify.annotations.NullMarked;
