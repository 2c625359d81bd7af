/** A replication connection to the upstream: connecting, login, commands. */
@NullMarked
package io.walrelay.proxy.upstream;

import org.jspecify.annotations.NullMarked;
