/**
 * {@code walrelay demo}: a PostgreSQL primary, a relay and a real standby behind it, all on this machine and gone
 * afterwards, with rows that flow, or with a proof that they did.
 */
@NullMarked
package io.walrelay.proxy.demo;

import org.jspecify.annotations.NullMarked;
