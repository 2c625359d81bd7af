/**
 * TLS on both sides: PEM files, which certificates are trusted, ciphers, and what the peers' libraries say about
 * failures.
 */
@NullMarked
package io.walrelay.wire.tls;

import org.jspecify.annotations.NullMarked;
