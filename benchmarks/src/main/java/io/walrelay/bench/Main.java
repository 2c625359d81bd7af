package io.walrelay.bench;

import io.walrelay.bench.cases.BenchCase;
import io.walrelay.bench.cases.Cases;
import io.walrelay.bench.cases.Scale;
import io.walrelay.bench.stage.Installation;
import io.walrelay.bench.stage.Place;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code walrelay bench}. Exit codes: 0 all was measured, 1 something failed, 2 it was called wrongly. */
@Command(
        name = "walrelay bench",
        mixinStandardHelpOptions = true,
        description = "Measure the relay beside what would be run instead of it, in alternation, on this machine.",
        footerHeading = "%nCases:%n")
public final class Main implements Callable<Integer> {
    @Parameters(paramLabel = "CASE", description = "What to measure; without any, everything.")
    private List<String> names = new ArrayList<>();

    @Option(names = "--pairs", paramLabel = "N", description = "Measure each contender so often (5).")
    private @Nullable Integer pairs;

    @Option(
            names = "--clients",
            paramLabel = "N",
            split = ",",
            description = "Measure with so many clients, or followers (1,8,32,100).")
    private List<Integer> clients = new ArrayList<>();

    @Option(names = "--quick", description = "Only try it: little WAL, few clients, two pairs.")
    private boolean quick;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "Measure in this directory, on its file system; may be given several times."
                    + " Without it: in memory (tmpfs) and on a disk, or where the case makes most sense.")
    private List<Path> directories = new ArrayList<>();

    @Option(
            names = "--output",
            paramLabel = "DIR",
            description = "Write results.txt, results.md, results.json and the plots there."
                    + " Results of other cases that are there already are kept.")
    private @Nullable Path output;

    @Option(
            names = "--document",
            paramLabel = "FILE",
            description =
                    "Put the Markdown between the two lines of this file that name the benchmark; needs --output.")
    private @Nullable Path document;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls anything
    private CommandSpec spec;

    private Main() {}

    /** Runs it and ends the process. */
    public static void main(String[] arguments) {
        CommandLine line = new CommandLine(new Main());
        line.getCommandSpec()
                .usageMessage()
                .footer(Cases.ALL.stream()
                        .map(one -> String.format("  %-12s %s", one.name(), one.title()))
                        .toArray(String[]::new));
        line.setExecutionExceptionHandler((failure, command, result) -> {
            command.getErr().println("walrelay: " + failure.getMessage());
            if (!(failure instanceof IOException)) {
                failure.printStackTrace(command.getErr());
            }
            return CommandLine.ExitCode.SOFTWARE;
        });
        System.exit(line.execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        List<BenchCase> cases = chosen();
        Scale scale = quick ? Scale.quick() : Scale.full();
        if (pairs != null) {
            scale = scale.withPairs(pairs);
        }
        if (!clients.isEmpty()) {
            scale = scale.withClients(clients);
        }
        List<Place> places = new ArrayList<>();
        for (Path directory : directories) {
            if (!Files.isDirectory(directory)) {
                throw new ParameterException(spec.commandLine(), "\"" + directory + "\" is no directory");
            }
            places.add(Place.of(directory));
        }
        if (document != null && output == null) {
            throw new ParameterException(spec.commandLine(), "--document needs --output, where the plots are");
        }
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Bench bench = new Bench(Installation.find(), scale, places, out, err);
        return bench.run(cases, Optional.ofNullable(output), Optional.ofNullable(document)) ? 0 : 1;
    }

    private List<BenchCase> chosen() {
        if (names.isEmpty()) {
            return Cases.ALL;
        }
        List<BenchCase> chosen = new ArrayList<>();
        for (String name : names) {
            chosen.add(Cases.ALL.stream()
                    .filter(one -> one.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new ParameterException(
                            spec.commandLine(), "there is no case \"" + name + "\"; see --help")));
        }
        return chosen;
    }
}
