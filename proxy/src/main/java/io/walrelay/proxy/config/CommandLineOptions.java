package io.walrelay.proxy.config;

import java.util.ArrayList;
import java.util.List;

/** The {@code -c name=value} of the command line; dashes in the name stand for underscores, as in PostgreSQL. */
final class CommandLineOptions {
    private CommandLineOptions() {}

    static List<Assignment> parse(List<String> options, List<Problem> problems) {
        List<Assignment> assignments = new ArrayList<>();
        for (String option : options) {
            int equals = option.indexOf('=');
            if (equals < 0) {
                problems.add(Problem.of("-c %s requires a value".formatted(option)));
                continue;
            }
            assignments.add(new Assignment(
                    option.substring(0, equals).replace('-', '_'),
                    option.substring(equals + 1),
                    new Origin.CommandLine()));
        }
        return assignments;
    }
}
