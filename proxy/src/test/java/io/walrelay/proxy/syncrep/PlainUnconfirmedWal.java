package io.walrelay.proxy.syncrep;

import io.walrelay.replication.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Since when the oldest WAL waits, kept as a list of objects. A second opinion beside {@link UnconfirmedWal}. */
final class PlainUnconfirmedWal {
    private static final int MOST = UnconfirmedWal.MOST;

    private final List<Piece> pieces = new ArrayList<>();
    private Lsn newest = Lsn.INVALID;

    /** How far apart, in nanoseconds, pieces begin that are kept apart. */
    private long spacing;

    /** WAL up to {@code end}, of which the first has been here since {@code since}. */
    private record Piece(Lsn end, long since) {}

    /** @param now in nanoseconds of a clock that does not go back */
    void flushedHere(Lsn end, long now) {
        if (!end.isAfter(newest)) {
            return;
        }
        newest = end;
        add(new Piece(end, now));
        if (pieces.size() > MOST) {
            spacing = (now - pieces.getFirst().since) / (MOST / 2) + 1;
            List<Piece> all = List.copyOf(pieces);
            pieces.clear();
            all.forEach(this::add);
        }
    }

    private void add(Piece piece) {
        if (!pieces.isEmpty() && piece.since - pieces.getLast().since < spacing) {
            pieces.addLast(new Piece(piece.end, pieces.removeLast().since));
        } else {
            pieces.addLast(piece);
        }
    }

    void confirmed(Lsn position) {
        int reached = 0;
        while (reached < pieces.size() && !pieces.get(reached).end.isAfter(position)) {
            reached++;
        }
        pieces.subList(0, reached).clear();
        if (pieces.isEmpty()) {
            spacing = 0;
        }
    }

    /** Since when the oldest of it waits; empty if all is confirmed. */
    OptionalLong since() {
        return pieces.isEmpty() ? OptionalLong.empty() : OptionalLong.of(pieces.getFirst().since);
    }

    /** Nobody waits. */
    void forget() {
        pieces.clear();
        newest = Lsn.INVALID;
        spacing = 0;
    }

    /** The WAL behind {@code common} is gone. */
    void takenBack(Lsn common) {
        newest = Lsn.min(newest, common);
        pieces.replaceAll(piece -> new Piece(Lsn.min(piece.end, common), piece.since));
    }
}
