/** A slow link on this machine: a network namespace for the far side, and packets that this process passes on late. */
@NullMarked
package io.walrelay.bench.link;

import org.jspecify.annotations.NullMarked;
