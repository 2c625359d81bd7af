@NullMarked
package io.walrelay.proxy.query.format;

import org.jspecify.annotations.NullMarked;
