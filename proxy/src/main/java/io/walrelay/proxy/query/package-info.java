/**
 * The simple and the extended query protocol of one session, over a {@link io.walrelay.proxy.console.ConsoleSession}.
 */
@NullMarked
package io.walrelay.proxy.query;

import org.jspecify.annotations.NullMarked;
