/** The downstream side up to a command: listener, start-up, authentication, dispatch. */
@NullMarked
package io.walrelay.proxy.session;

import org.jspecify.annotations.NullMarked;
