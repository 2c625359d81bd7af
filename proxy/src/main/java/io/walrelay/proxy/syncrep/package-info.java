/**
 * Synchronous standbys: {@code synchronous_standby_names}, who of the standbys counts, and what position they have
 * reached together. Pure: no threads, no sockets, no settings.
 */
@NullMarked
package io.walrelay.proxy.syncrep;

import org.jspecify.annotations.NullMarked;
