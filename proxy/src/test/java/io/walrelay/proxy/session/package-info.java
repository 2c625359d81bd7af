@NullMarked
package io.walrelay.proxy.session;

import org.jspecify.annotations.NullMarked;
