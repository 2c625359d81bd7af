@NullMarked
package io.walrelay.proxy.metrics;

import org.jspecify.annotations.NullMarked;
