/** What was measured, of whom, and what came out: pure. */
@NullMarked
package io.walrelay.bench.figure;

import org.jspecify.annotations.NullMarked;
