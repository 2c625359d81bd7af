@NullMarked
package io.walrelay.proxy.upstream;

import org.jspecify.annotations.NullMarked;
