/** What the relay knows of the cluster it relays: its WAL, and the server it stands in for. */
@NullMarked
package io.walrelay.proxy.cluster;

import org.jspecify.annotations.NullMarked;
