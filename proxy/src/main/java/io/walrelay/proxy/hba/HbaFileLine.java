package io.walrelay.proxy.hba;

import io.walrelay.proxy.config.Origin;
import io.walrelay.proxy.config.Problem;
import java.util.Optional;

/**
 * A line of pg_hba.conf that says something.
 *
 * @param rule what it says; empty if it is bad
 * @param error what is wrong with it, without where it stands
 * @param problem the same, with that
 */
public record HbaFileLine(
        Origin.File origin, Optional<HbaRule> rule, Optional<String> error, Optional<Problem> problem) {
    static HbaFileLine good(HbaRule rule, Origin.File origin) {
        return new HbaFileLine(origin, Optional.of(rule), Optional.empty(), Optional.empty());
    }

    static HbaFileLine bad(String error, Problem problem, Origin.File origin) {
        return new HbaFileLine(origin, Optional.empty(), Optional.of(error), Optional.of(problem));
    }
}
