/**
 * {@code ./walrelay bench}: what a user types, what the program answers, and the order in which things are measured.
 */
@NullMarked
package io.walrelay.bench;

import org.jspecify.annotations.NullMarked;
