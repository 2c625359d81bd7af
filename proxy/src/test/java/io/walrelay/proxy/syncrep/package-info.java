@NullMarked
package io.walrelay.proxy.syncrep;

import org.jspecify.annotations.NullMarked;
