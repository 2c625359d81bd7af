/** The table of inputs that a relay must answer as a real cascading standby of the same major version does. */
@NullMarked
package io.walrelay.it.table;

import org.jspecify.annotations.NullMarked;
