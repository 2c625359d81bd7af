package io.walrelay.proxy.hba;

import java.net.InetAddress;

/** What is known of a client before it authenticates.
 *
 * @param replication {@code replication=true}: no database; {@code replication=database} is an ordinary connection here
 * @param database ignored if {@code replication}
 * @param tls whether the connection is encrypted
 */
public record ConnectionAttempt(boolean replication, String database, String user, InetAddress address, boolean tls) {}
