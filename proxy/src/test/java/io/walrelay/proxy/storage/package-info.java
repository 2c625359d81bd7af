@NullMarked
package io.walrelay.proxy.storage;

import org.jspecify.annotations.NullMarked;
