package io.walrelay.proxy.upstream;

import io.walrelay.proxy.cluster.MirroredServer.Reported;
import io.walrelay.proxy.config.ConnectionInfo;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The values of {@code target_session_attrs}: which of several hosts will do. As libpq decides it: by what the server
 * reports from 14 on, by {@code SHOW transaction_read_only} before, which is on on every standby.
 */
enum TargetSession {
    ANY,
    READ_WRITE,
    READ_ONLY,
    PRIMARY,
    STANDBY,
    PREFER_STANDBY;

    private static final int FIRST_MAJOR_THAT_REPORTS = 14;

    /** What the connection string asks for. */
    static TargetSession of(ConnectionInfo info) {
        return info.option("target_session_attrs")
                .map(text -> valueOf(text.replace('-', '_').toUpperCase(Locale.ROOT)))
                .orElse(ANY);
    }

    /** Why a server will not do, in libpq's words; empty if it will. */
    CompletableFuture<Optional<String>> check(UpstreamLogin login) {
        if (this == ANY) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        if (login.version().major() >= FIRST_MAJOR_THAT_REPORTS) {
            boolean standby = isOn(login, "in_hot_standby");
            return CompletableFuture.completedFuture(
                    refusal(standby, standby || isOn(login, "default_transaction_read_only")));
        }
        ReplicationConnection connection = new ReplicationConnection(login);
        return connection.query("SHOW transaction_read_only").thenApply(result -> {
            connection.detach();
            boolean readOnly = "on".equals(result.row(1).text(0));
            return refusal(readOnly, readOnly);
        });
    }

    private static boolean isOn(UpstreamLogin login, String name) {
        return login.reported().contains(new Reported(name, "on"));
    }

    private Optional<String> refusal(boolean standby, boolean readOnly) {
        return switch (this) {
            case ANY -> Optional.empty();
            case READ_WRITE -> readOnly ? Optional.of("session is read-only") : Optional.empty();
            case READ_ONLY -> readOnly ? Optional.empty() : Optional.of("session is not read-only");
            case PRIMARY -> standby ? Optional.of("server is in hot standby mode") : Optional.empty();
            case STANDBY, PREFER_STANDBY ->
                standby ? Optional.empty() : Optional.of("server is not in hot standby mode");
        };
    }
}
