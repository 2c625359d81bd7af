package io.walrelay.replication.timeline;

import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Where a timeline comes from: its ancestors, oldest first, each with the position at which the next one forked off.
 * The bytes of its file are kept as they came, for they are handed on verbatim. Immutable; mirrors {@code timeline.c}.
 *
 * <p>Two servers may promote independently and give their new timelines the same number. So timelines of two servers
 * are compared by {@link #continues}, never by number.
 */
public final class TimelineHistory {
    private final TimelineId timeline;
    private final List<Entry> ancestors;
    private final byte[] file;

    TimelineHistory(TimelineId timeline, List<Entry> ancestors, byte[] file) {
        this.timeline = timeline;
        this.ancestors = List.copyOf(ancestors);
        this.file = file.clone();
    }

    /**
     * An ancestor.
     *
     * @param timeline the ancestor
     * @param switchPoint where the next timeline forked off: its first byte, the byte behind the ancestor's last
     * @param reason what the file says about it, for people; may be empty
     */
    public record Entry(TimelineId timeline, Lsn switchPoint, String reason) {}

    /** The history of timeline 1, which has no file. */
    public static TimelineHistory first() {
        return withoutFile(TimelineId.FIRST);
    }

    /** The history of a timeline for which there is no file: PostgreSQL assumes that it has no ancestors. */
    public static TimelineHistory withoutFile(TimelineId timeline) {
        return new TimelineHistory(timeline, List.of(), new byte[0]);
    }

    /**
     * Reads a history file.
     *
     * @param timeline the timeline the file is of, as its name says
     * @param file the file's bytes, which are copied
     * @throws TimelineHistoryException in PostgreSQL's words if a line cannot be read or contradicts another
     */
    public static TimelineHistory parse(TimelineId timeline, byte[] file) throws TimelineHistoryException {
        return new TimelineHistory(timeline, TimelineHistoryParser.ancestors(timeline, file), file);
    }

    /** The timeline this is the history of. */
    public TimelineId timeline() {
        return timeline;
    }

    /** Its ancestors, oldest first. */
    public List<Entry> ancestors() {
        return ancestors;
    }

    /** A copy of the file's bytes as they came; none if there is no file. */
    public byte[] file() {
        return file.clone();
    }

    /** Whether a timeline of that number is this one or one of its ancestors. */
    public boolean contains(TimelineId candidate) {
        return candidate.equals(timeline) || indexOf(candidate) >= 0;
    }

    /** Where the timeline behind {@code ancestor} forked off; empty for the newest and for one not in this history. */
    public Optional<Lsn> switchPoint(TimelineId ancestor) {
        int index = indexOf(ancestor);
        return index < 0 ? Optional.empty() : Optional.of(ancestors.get(index).switchPoint());
    }

    /** The timeline right behind {@code ancestor}, whatever its number; empty as for {@link #switchPoint}. */
    public Optional<TimelineId> next(TimelineId ancestor) {
        int index = indexOf(ancestor);
        return index < 0 ? Optional.empty() : Optional.of(timelineOf(index + 1));
    }

    /**
     * Where a timeline begins in this history; {@code 0/0} for the oldest.
     *
     * @throws IllegalArgumentException in PostgreSQL's words if the timeline is not in this history
     */
    public Lsn begin(TimelineId member) {
        int index = member.equals(timeline) ? ancestors.size() : indexOf(member);
        if (index < 0) {
            throw new IllegalArgumentException("requested timeline " + member + " is not in this server's history");
        }
        return beginOf(index);
    }

    /** The timeline that the byte at {@code lsn} belongs to; at a switch point that is the new one. */
    public TimelineId timelineAt(Lsn lsn) {
        for (Entry ancestor : ancestors) {
            if (lsn.isBefore(ancestor.switchPoint())) {
                return ancestor.timeline();
            }
        }
        return timeline;
    }

    /**
     * Whether who holds the WAL of {@code ours} up to {@code end} can go on with WAL of this history: whether all that
     * lies before {@code end} came about in both in the same way, on the same timelines with the same switch points.
     *
     * @param ours the history of what is held
     * @param end the position behind the last byte held; with {@code 0/0} nothing is held and the answer is yes
     */
    public boolean continues(TimelineHistory ours, Lsn end) {
        if (!end.isValid()) {
            return true;
        }
        Lsn last = end.plus(-1);
        for (int i = 0; ; i++) {
            if (i > ancestors.size() || !ours.timelineOf(i).equals(timelineOf(i))) {
                return false;
            }
            boolean oursEnds = last.isBefore(ours.endOf(i));
            boolean thisEnds = last.isBefore(endOf(i));
            if (oursEnds || thisEnds) {
                return oursEnds && thisEnds;
            }
            if (!ours.endOf(i).equals(endOf(i))) {
                return false;
            }
        }
    }

    private int indexOf(TimelineId ancestor) {
        for (int i = 0; i < ancestors.size(); i++) {
            if (ancestors.get(i).timeline().equals(ancestor)) {
                return i;
            }
        }
        return -1;
    }

    private TimelineId timelineOf(int index) {
        return index < ancestors.size() ? ancestors.get(index).timeline() : timeline;
    }

    private Lsn beginOf(int index) {
        return index == 0 ? Lsn.INVALID : ancestors.get(index - 1).switchPoint();
    }

    /** The newest timeline ends nowhere. */
    private Lsn endOf(int index) {
        return index < ancestors.size() ? ancestors.get(index).switchPoint() : new Lsn(-1);
    }

    /** Equal are histories with the same file of the same timeline. */
    @Override
    public boolean equals(Object other) {
        return other instanceof TimelineHistory that
                && timeline.equals(that.timeline)
                && Arrays.equals(file, that.file);
    }

    @Override
    public int hashCode() {
        return 31 * timeline.hashCode() + Arrays.hashCode(file);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Entry ancestor : ancestors) {
            text.append(ancestor.timeline())
                    .append(" until ")
                    .append(ancestor.switchPoint())
                    .append(", ");
        }
        return text.append(timeline).toString();
    }
}
