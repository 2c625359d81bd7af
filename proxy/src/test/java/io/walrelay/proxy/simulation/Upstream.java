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

    /**
     * A standby takes its place, which has what the timeline after this one begins with, and may lack what is behind; not
     * more than a segment of it, for WAL from before that may have been removed here.
     *
     * @param received up to where the relay has WAL
     */
    void promote(Lsn received) {
        if (line + 1 == world.lines().size()) {
            return;
        }
        Lsn fork = world.lines().get(line + 1).history().ancestors().getLast().switchPoint();
        if (!received.isAfter(fork.plus(WalFiles.SIZE.bytes()))) {
            line++;
            end = line().safeEndAt(fork.plus(random.nextInt(100_000)));
        }
    }
}
