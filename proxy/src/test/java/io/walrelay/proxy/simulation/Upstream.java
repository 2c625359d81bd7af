package io.walrelay.proxy.simulation;

import io.walrelay.replication.Lsn;
import java.util.random.RandomGenerator;

/** The server in front of the relay: how much of the world's WAL it has written, and on which timeline. */
final class Upstream {
    private final World world;
    private final RandomGenerator random;
    private int line;
    private Lsn end;

    Upstream(World world, RandomGenerator random) {
        this.world = world;
        this.random = random;
        this.end = world.lines().getFirst().safeEnds().first();
    }

    World.Line line() {
        return world.lines().get(line);
    }

    /** The end of its WAL: of a record, or a page. */
    Lsn end() {
        return end;
    }

    /** Writes more, or not. */
    void write() {
        if (random.nextInt(4) > 0) {
            end = line().safeEndAt(Lsn.min(line().end(), end.plus(random.nextInt(400_000))));
        }
    }

    /** A standby takes its place, which has what the timeline after this one begins with, and may lack what is behind. */
    void promote() {
        if (line + 1 < world.lines().size()) {
            line++;
            Lsn fork = line().history().ancestors().getLast().switchPoint();
            end = line().safeEndAt(fork.plus(random.nextInt(100_000)));
        }
    }
}
