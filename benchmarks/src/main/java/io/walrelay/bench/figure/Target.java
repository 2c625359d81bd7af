package io.walrelay.bench.figure;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Something that the relay should reach.
 *
 * @param what in words
 * @param figures of which figures it is asked
 * @param peer the contender that the relay is divided by; empty where the relay's own value counts
 * @param limit what may be reached
 * @param atLeast whether the limit is the least, and not the most, that is asked for
 */
public record Target(
        String benchCase,
        String what,
        Predicate<Figure> figures,
        Optional<String> peer,
        double limit,
        boolean atLeast) {
    /**
     * How one figure stands to a target.
     *
     * @param where setting and file system
     * @param value what was measured: a ratio, or in the figure's unit
     */
    public record Outcome(Target target, String where, double value, boolean met) {}

    /** How it stands in each figure that it is asked of; empty where none was measured. */
    public List<Outcome> outcomes(List<Figure> measured) {
        List<Outcome> outcomes = new ArrayList<>();
        for (Figure figure : measured) {
            if (figure.benchCase().equals(benchCase) && figures.test(figure)) {
                value(figure)
                        .ifPresent(value -> outcomes.add(new Outcome(
                                this,
                                figure.setting() + ", " + figure.place(),
                                value,
                                atLeast ? value >= limit : value <= limit)));
            }
        }
        return outcomes;
    }

    private Optional<Double> value(Figure figure) {
        return peer.isPresent()
                ? figure.of(peer.get()).flatMap(figure::ratioTo).map(Summary::median)
                : figure.relay().map(own -> own.summary().median());
    }
}
