@NullMarked
package io.walrelay.proxy.config;

import org.jspecify.annotations.NullMarked;
