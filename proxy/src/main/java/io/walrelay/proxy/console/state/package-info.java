/**
 * What the console is told of the relay, and what it may ask of it: plain values, so that it depends on no other part.
 */
@NullMarked
package io.walrelay.proxy.console.state;

import org.jspecify.annotations.NullMarked;
