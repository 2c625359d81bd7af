package io.walrelay.proxy.simulation;

import io.walrelay.replication.Lsn;
import java.util.random.RandomGenerator;

/** The server in front of the relay: how much of the world's WAL it has written, and on which timeline. */
final class Upstream {
    private final World world;
    private final RandomGenerator random;
    private final Lsn[] ends;
    private int line;

    /** The timeline of the server that answers: this one's, or the one before, of a server that has been left. */
    private int answering;

    Upstream(World world, RandomGenerator random) {
        this.world = world;
        this.random = random;
        this.ends = new Lsn[world.lines().size()];
        ends[0] = world.lines().getFirst().safeEnds().first();
    }

    World.Line line() {
        return world.lines().get(answering);
    }

    /** The end of its WAL: of a record, or a page. */
    Lsn end() {
        return ends[answering];
    }

    /** Writes more, or not. */
    void write() {
        if (random.nextInt(4) > 0) {
            Lsn most = answering == line
                    ? line().end()
                    : Lsn.min(line().end(), fork(line).plus(WalFiles.SIZE.bytes()));
            ends[answering] = Lsn.max(end(), line().safeEndAt(Lsn.min(most, end().plus(random.nextInt(400_000)))));
        }
    }

    /**
     * A standby takes its place, which has what the timeline after this one begins with, and may lack what is behind;
     * not more than a segment of it, for WAL from before that may have been removed here.
     *
     * @param received up to where the relay has WAL
     */
    void promote(Lsn received) {
        if (line + 1 == world.lines().size()) {
            return;
        }
        Lsn fork = fork(line + 1);
        if (!received.isAfter(fork.plus(WalFiles.SIZE.bytes()))) {
            line++;
            answering = line;
            ends[line] = line().safeEndAt(fork.plus(random.nextInt(100_000)));
        }
    }

    /** The server that was left is back where the upstream is looked for, and writes; or it goes again. */
    void returnOrGo() {
        answering = answering == line ? Math.max(0, line - 1) : line;
    }

    /** The server on the newest timeline is the one that answers. */
    void stay() {
        answering = line;
    }

    private Lsn fork(int to) {
        return world.lines().get(to).history().ancestors().getLast().switchPoint();
    }
}
