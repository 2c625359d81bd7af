@NullMarked
package io.walrelay.proxy.wal;

import org.jspecify.annotations.NullMarked;
