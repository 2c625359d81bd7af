@NullMarked
package io.walrelay.proxy.cli;

import org.jspecify.annotations.NullMarked;
