/** What is measured, and where: servers, tools and relays as child processes, file systems, CPU time from /proc. */
@NullMarked
package io.walrelay.bench.stage;

import org.jspecify.annotations.NullMarked;
