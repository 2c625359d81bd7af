@NullMarked
package io.walrelay.proxy.tls;

import org.jspecify.annotations.NullMarked;
