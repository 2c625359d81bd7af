package io.walrelay.proxy.walreceiver;

import io.walrelay.proxy.cluster.MirroredServer;
import io.walrelay.proxy.cluster.MirroredServer.Parameter;
import io.walrelay.proxy.upstream.CommandResult;
import io.walrelay.proxy.upstream.ReplicationConnection;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.timeline.TimelineHistory;
import io.walrelay.replication.timeline.TimelineHistoryException;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.BackendMessage.DataRow;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/** Asks a server, over a replication connection, what a walreceiver has to know of it. */
final class UpstreamServer {
    private final ReplicationConnection connection;

    UpstreamServer(ReplicationConnection connection) {
        this.connection = connection;
    }

    CompletableFuture<UpstreamIdentity> identify() {
        return connection.query("IDENTIFY_SYSTEM").thenApply(UpstreamIdentity::of);
    }

    /** What clients are to see in this server's place. */
    CompletableFuture<MirroredServer> describe() {
        return connection
                .query("SHOW ALL")
                .thenApply(result -> new MirroredServer(
                        connection.login().version(), connection.login().reported(), parameters(result)));
    }

    private static List<Parameter> parameters(CommandResult result) {
        return result.rows().stream()
                .map(row -> new Parameter(
                        Objects.requireNonNullElse(row.text(0), ""),
                        Objects.requireNonNullElse(row.text(1), ""),
                        Objects.requireNonNullElse(row.text(2), "")))
                .toList();
    }

    /** The history of a timeline; timeline 1 has no file to ask for. */
    CompletableFuture<TimelineHistory> history(TimelineId timeline) {
        if (timeline.equals(TimelineId.FIRST)) {
            return CompletableFuture.completedFuture(TimelineHistory.first());
        }
        return connection.query("TIMELINE_HISTORY " + timeline).thenApply(result -> history(timeline, result.row(2)));
    }

    private static TimelineHistory history(TimelineId timeline, DataRow row) {
        String name = WalFileName.history(timeline);
        byte[] content = row.values().get(1);
        if (!name.equals(row.text(0)) || content == null) {
            throw PgException.error(
                    SqlState.PROTOCOL_VIOLATION,
                    "primary reported unexpected file name for timeline history file of timeline " + timeline);
        }
        try {
            return TimelineHistory.parse(timeline, content);
        } catch (TimelineHistoryException e) {
            throw PgException.error(
                            SqlState.DATA_CORRUPTED, e.getMessage() + " in timeline history file \"" + name + "\"")
                    .withCause(e);
        }
    }
}
