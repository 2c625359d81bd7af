package io.walrelay.it.support;

import io.walrelay.proxy.embedded.PostgresCluster;
import java.io.IOException;
import java.util.stream.Collectors;

/** What {@code pg_dumpall} says of a cluster. */
public final class Dumps {
    private Dumps() {}

    /** The dump without the keys that pg_dumpall makes up for each run. */
    public static String of(ClientTools tools, PostgresCluster cluster) throws IOException {
        return tools.run("pg_dumpall", "-h", "127.0.0.1", "-p", Integer.toString(cluster.port()), "-U", "postgres")
                .lines()
                .filter(line -> !line.startsWith("\\restrict") && !line.startsWith("\\unrestrict"))
                .collect(Collectors.joining("\n"));
    }
}
