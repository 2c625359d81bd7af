/**
 * Real PostgreSQL servers as child processes, for the demo and the integration tests: unpacks the server's binaries,
 * makes and starts clusters, and takes base backups over the replication protocol. It knows nothing of the relay.
 */
@NullMarked
package io.walrelay.proxy.embedded;

import org.jspecify.annotations.NullMarked;
