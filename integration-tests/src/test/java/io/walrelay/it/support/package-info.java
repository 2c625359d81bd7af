/** What the integration tests share: servers, relays, PostgreSQL's own client tools, a client that records bytes. */
@NullMarked
package io.walrelay.it.support;

import org.jspecify.annotations.NullMarked;
