package io.walrelay.proxy.console.state;

import io.walrelay.wire.tls.TlsSession;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Optional;

/**
 * A session: a row of {@code pg_stat_activity}.
 *
 * @param type PostgreSQL's backend_type: {@code client backend}, {@code walsender}, {@code walreceiver}
 * @param database empty for physical replication
 * @param state {@code active}, {@code idle}, {@code idle in transaction}, ...
 * @param query the last statement
 * @param tls empty where the connection is not encrypted
 */
public record BackendState(
        int pid,
        String type,
        Optional<String> user,
        Optional<String> database,
        String applicationName,
        Optional<String> clientAddress,
        int clientPort,
        Instant started,
        Optional<Instant> transactionStarted,
        Optional<Instant> queryStarted,
        Optional<Instant> stateChanged,
        String state,
        String query,
        Optional<Tls> tls) {
    /**
     * The same of a session for replication that the console answers, too.
     *
     * @param console what the console says of it
     * @param sql whether SQL is all that it does now
     */
    public BackendState withDatabase(BackendState console, boolean sql) {
        return new BackendState(
                pid,
                type,
                user,
                console.database,
                applicationName,
                clientAddress,
                clientPort,
                started,
                console.transactionStarted,
                sql ? console.queryStarted : queryStarted,
                sql ? console.stateChanged : stateChanged,
                sql ? console.state : state,
                sql ? console.query : query,
                tls);
    }

    /**
     * Of an encrypted connection: {@code TLSv1.3}, {@code TLS_AES_256_GCM_SHA384}, 256, and the client's certificate.
     */
    public record Tls(String version, String cipher, int bits, Optional<ClientCertificate> client) {
        /** What was agreed on a connection. */
        public static Tls of(TlsSession session) {
            return new Tls(
                    session.version(),
                    session.cipher(),
                    session.bits(),
                    session.client()
                            .map(certificate -> new ClientCertificate(
                                    certificate.subject(),
                                    new BigDecimal(certificate.serial()),
                                    certificate.issuer())));
        }
    }

    /** The certificate of a client: its subject and its issuer with slashes, and its serial number. */
    public record ClientCertificate(String subject, BigDecimal serial, String issuer) {}
}
