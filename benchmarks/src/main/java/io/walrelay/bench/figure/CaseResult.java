package io.walrelay.bench.figure;

import java.util.List;

/**
 * One case, as it was run.
 *
 * @param benchCase such as {@code ingest}
 * @param taken when, in UTC
 * @param environment the machine and the programs, a line each
 * @param notes what a reader has to know of how it was measured, a sentence or two each
 */
public record CaseResult(
        String benchCase, String taken, List<String> environment, List<String> notes, List<Figure> figures) {
    /** Copies the lists. */
    public CaseResult {
        environment = List.copyOf(environment);
        notes = List.copyOf(notes);
        figures = List.copyOf(figures);
    }
}
