/** The settings and connection options about TLS, and the files they name: who may read them is checked here. */
@NullMarked
package io.walrelay.proxy.tls;

import org.jspecify.annotations.NullMarked;
