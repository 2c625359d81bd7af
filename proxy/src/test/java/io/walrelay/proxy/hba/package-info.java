@NullMarked
package io.walrelay.proxy.hba;

import org.jspecify.annotations.NullMarked;
