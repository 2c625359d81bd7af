package io.walrelay.replication.timeline;

import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.timeline.TimelineHistory.Entry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the lines of a history file: timeline, switch point, reason. Blank lines, which PostgreSQL itself writes from
 * the second promotion on, and lines that begin with {@code #} say nothing.
 */
final class TimelineHistoryParser {
    private static final Pattern TIMELINE = Pattern.compile("[0-9]{1,10}");
    private static final Pattern SWITCH_POINT = Pattern.compile("[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}");
    private static final Pattern BLANKS = Pattern.compile("[ \\t\\r\\f\\x0B]*");

    private TimelineHistoryParser() {}

    static List<Entry> ancestors(TimelineId timeline, byte[] file) throws TimelineHistoryException {
        List<Entry> entries = new ArrayList<>();
        for (String line : new String(file, StandardCharsets.UTF_8).split("\n", -1)) {
            Matcher scan = BLANKS.matcher(line);
            scan.lookingAt();
            boolean saysNothing = scan.end() == line.length() || line.charAt(scan.end()) == '#';
            if (!saysNothing) {
                Entry entry = entry(line, scan);
                checkOrder(line, entries, entry);
                entries.add(entry);
            }
        }
        if (!entries.isEmpty() && timeline.compareTo(entries.getLast().timeline()) <= 0) {
            throw new TimelineHistoryException(
                    "invalid data in history file of timeline " + timeline,
                    "Timeline IDs must be less than child timeline's ID.");
        }
        return entries;
    }

    private static Entry entry(String line, Matcher scan) throws TimelineHistoryException {
        scan.usePattern(TIMELINE).region(scan.end(), line.length());
        if (!scan.lookingAt()) {
            throw syntaxError(line, "Expected a numeric timeline ID.");
        }
        long timeline = Long.parseLong(scan.group());
        if (timeline < 1 || timeline > 0xFFFF_FFFFL) {
            throw syntaxError(line, "Expected a numeric timeline ID.");
        }
        skipBlanks(line, scan);
        if (!scan.usePattern(SWITCH_POINT).lookingAt()) {
            throw syntaxError(line, "Expected a write-ahead log switchpoint location.");
        }
        Lsn switchPoint = Lsn.parse(scan.group());
        skipBlanks(line, scan);
        return new Entry(
                TimelineId.of(timeline),
                switchPoint,
                line.substring(scan.regionStart()).stripTrailing());
    }

    private static void skipBlanks(String line, Matcher scan) {
        scan.usePattern(BLANKS).region(scan.end(), line.length()).lookingAt();
        scan.region(scan.end(), line.length());
    }

    /**
     * PostgreSQL demands that timelines increase. That switch points do not go back holds for every true history, and
     * what is looked up by position relies on it.
     */
    private static void checkOrder(String line, List<Entry> entries, Entry entry) throws TimelineHistoryException {
        if (entries.isEmpty()) {
            return;
        }
        Entry last = entries.getLast();
        if (entry.timeline().compareTo(last.timeline()) <= 0) {
            throw new TimelineHistoryException(
                    "invalid data in history file: " + line, "Timeline IDs must be in increasing sequence.");
        }
        if (entry.switchPoint().isBefore(last.switchPoint())) {
            throw new TimelineHistoryException(
                    "invalid data in history file: " + line,
                    "Write-ahead log switchpoint locations must not decrease.");
        }
    }

    private static TimelineHistoryException syntaxError(String line, String hint) {
        return new TimelineHistoryException("syntax error in history file: " + line, hint);
    }
}
