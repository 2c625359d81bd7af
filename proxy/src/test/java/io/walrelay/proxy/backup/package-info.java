@NullMarked
package io.walrelay.proxy.backup;

import org.jspecify.annotations.NullMarked;
