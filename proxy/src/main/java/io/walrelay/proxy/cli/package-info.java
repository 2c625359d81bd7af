/** The command line: what a user types, what the program answers, signals, the log on stderr. */
@NullMarked
package io.walrelay.proxy.cli;

import org.jspecify.annotations.NullMarked;
