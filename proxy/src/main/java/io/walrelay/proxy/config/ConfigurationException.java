package io.walrelay.proxy.config;

import java.util.List;
import java.util.stream.Collectors;

/** Everything that is wrong with a configuration, not only the first thing. */
public final class ConfigurationException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Not serialized: nothing sends this exception anywhere. */
    private final transient List<Problem> problems;

    /** @param problems at least one */
    public ConfigurationException(List<Problem> problems) {
        super(problems.stream().map(Problem::text).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /** In the order in which they were found. */
    public List<Problem> problems() {
        return problems;
    }
}
