@NullMarked
package io.walrelay.wire.error;

import org.jspecify.annotations.NullMarked;
