package io.walrelay.it.table;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** The inputs that a relay answers otherwise than a standby, each with its reason. Nothing else may differ. */
final class Deviations {
    /**
     * One of them.
     *
     * @param reason why
     * @param holds whether this is what the relay says instead
     */
    record Deviation(String reason, Predicate<List<String>> holds) {}

    private static final String NO_SUPERUSER =
            "a relay has no superusers: is_superuser says whether admin_users names the user, and by default it is empty";
    private static final String NO_ROLES =
            "a relay has no catalogue of roles: whom hba_file trusts by name or address is let in";
    private static final String NO_MEANING =
            "a relay does not know what values the settings of a server may have that it has no use for";
    private static final String WAITS =
            "a start a little ahead of what the relay holds waits: after archive recovery a standby can be ahead of it";
    private static final String FORWARD_ONLY =
            "positions that clients report are clamped before they count, so a slot does not move backwards";

    private static final String GSS =
            "the request is answered with N whatever the version, as by every server that knows it; 10 and 11 do not";
    private static final int FIRST_WITH_GSS = 12;

    private static final String REPORTS_LAST =
            "a changed setting is reported before ReadyForQuery, as from 14 on; 10 to 13 report it before CommandComplete";
    private static final int FIRST_THAT_REPORTS_LAST = 14;

    private static final String PROTOCOL_2 = "protocol 2 is not spoken, whatever the version; 10 to 13 do speak it";
    private static final int FIRST_WITHOUT_PROTOCOL_2 = 14;

    private static final Map<String, Deviation> ALL = Map.ofEntries(
            notSuperuser("replication=false"),
            notSuperuser("replication=off"),
            notSuperuser("replication=of"),
            notSuperuser("replication=no"),
            notSuperuser("replication=0"),
            notSuperuser("replication=database: its login"),
            Map.entry("login: a user that is not there", new Deviation(NO_ROLES, Deviations::accepted)),
            Map.entry("login: a user of 70 bytes", new Deviation(NO_ROLES, Deviations::accepted)),
            Map.entry("login: a bad value", new Deviation(NO_MEANING, Deviations::accepted)),
            Map.entry(
                    "START_REPLICATION at a byte beyond the current position", new Deviation(WAITS, Deviations::waits)),
            Map.entry(
                    "START_REPLICATION at a segment beyond the current position",
                    new Deviation(WAITS, Deviations::waits)),
            Map.entry(
                    "a slot goes back, too",
                    new Deviation(
                            FORWARD_ONLY,
                            answer -> answer.stream().noneMatch(line -> line.startsWith("ErrorResponse")))));

    /** What is known to be wrong and not mended yet. Empty, when all is well. */
    private static final Map<String, String> DEFECTS = Map.of();

    private Deviations() {}

    /** The deviation of an input, if it is one. */
    static Optional<Deviation> of(String input, int major) {
        if (major < FIRST_WITH_GSS && input.contains("GSSENCRequest")) {
            return Optional.of(new Deviation(GSS, answer -> answer.contains("byte N")));
        }
        if (major < FIRST_WITHOUT_PROTOCOL_2 && input.equals("protocol 2.0")) {
            return Optional.of(
                    new Deviation(PROTOCOL_2, answer -> answer.getFirst().startsWith("unframed EFATAL:")));
        }
        if (major < FIRST_THAT_REPORTS_LAST && input.startsWith("replication=database: SET ")) {
            return Optional.of(new Deviation(
                    REPORTS_LAST,
                    answer -> accepted(answer)
                            && answer.stream()
                                    .anyMatch(line -> line.matches(
                                            "ParameterStatus (application_name=other|DateStyle=SQL, DMY)"))));
        }
        return Optional.ofNullable(ALL.get(input));
    }

    /** What is known to be wrong with the answer to an input. */
    static Optional<String> defect(String input) {
        return Optional.ofNullable(DEFECTS.get(input));
    }

    private static Map.Entry<String, Deviation> notSuperuser(String input) {
        return Map.entry(
                input,
                new Deviation(
                        NO_SUPERUSER,
                        answer -> accepted(answer) && answer.contains("ParameterStatus is_superuser=off")));
    }

    private static boolean accepted(List<String> answer) {
        return answer.getLast().equals("ReadyForQuery I")
                && answer.stream().noneMatch(line -> line.startsWith("ErrorResponse"));
    }

    private static boolean waits(List<String> answer) {
        return answer.getLast().startsWith("(silent")
                && answer.stream().noneMatch(line -> line.startsWith("ErrorResponse"));
    }
}
