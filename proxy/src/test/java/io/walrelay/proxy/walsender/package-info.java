@NullMarked
package io.walrelay.proxy.walsender;

import org.jspecify.annotations.NullMarked;
