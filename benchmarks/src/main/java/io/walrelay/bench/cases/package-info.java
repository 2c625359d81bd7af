/** What is measured, one class for each case of {@code ./walrelay bench}. */
@NullMarked
package io.walrelay.bench.cases;

import org.jspecify.annotations.NullMarked;
