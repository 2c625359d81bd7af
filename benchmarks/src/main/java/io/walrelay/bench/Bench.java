package io.walrelay.bench;

import io.walrelay.bench.cases.BenchCase;
import io.walrelay.bench.cases.Cases;
import io.walrelay.bench.cases.Scale;
import io.walrelay.bench.figure.CaseResult;
import io.walrelay.bench.figure.Figure;
import io.walrelay.bench.figure.Recorder;
import io.walrelay.bench.report.Charts;
import io.walrelay.bench.report.Document;
import io.walrelay.bench.report.JsonFile;
import io.walrelay.bench.report.MarkdownReport;
import io.walrelay.bench.report.TextReport;
import io.walrelay.bench.stage.Environment;
import io.walrelay.bench.stage.Installation;
import io.walrelay.bench.stage.Place;
import io.walrelay.bench.stage.Unavailable;
import io.walrelay.bench.stage.Workshop;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Runs cases, one after another and each on its file systems, and hands their results to the reports. */
final class Bench {
    private final Installation installation;
    private final Scale scale;
    private final List<Place> places;
    private final PrintWriter out;
    private final PrintWriter err;

    /**
     * Nothing is measured yet.
     *
     * @param places where to measure; empty for what each case prefers
     * @param err is told what is being done
     */
    Bench(Installation installation, Scale scale, List<Place> places, PrintWriter out, PrintWriter err) {
        this.installation = installation;
        this.scale = scale;
        this.places = places;
        this.out = out;
        this.err = err;
    }

    /**
     * Measures and reports; tells whether all that was asked for was measured. What has been measured is written as
     * soon as it is there, and a case that fails takes nothing from the others.
     */
    boolean run(List<BenchCase> cases, Optional<Path> output, Optional<Path> document) throws IOException {
        List<CaseResult> results = new ArrayList<>();
        boolean complete = true;
        for (BenchCase one : cases) {
            long begun = System.nanoTime();
            List<CaseResult> before = List.copyOf(results);
            try {
                measure(one, result -> {
                    results.clear();
                    results.addAll(before);
                    results.add(result);
                    if (output.isPresent()) {
                        write(output.get(), document, results);
                    }
                });
            } catch (Unavailable e) {
                say(one.name() + " cannot be measured here: " + e.getMessage());
                complete = false;
            } catch (Exception e) {
                say(one.name() + " has failed: " + e);
                complete = false;
            }
            say(one.name() + " took " + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun) + " s");
        }
        out.print(TextReport.of(results));
        out.flush();
        return complete;
    }

    /** Takes what has been measured of a case so far. */
    private interface Sink {
        void take(CaseResult result) throws IOException;
    }

    private void measure(BenchCase benchCase, Sink sink) throws Exception {
        List<Figure> figures = new ArrayList<>();
        for (Place place : places.isEmpty() ? benchCase.places() : places) {
            Recorder recorder = new Recorder(benchCase.name(), place.type());
            try (Workshop workshop = new Workshop(installation, place)) {
                benchCase.run(
                        workshop, scale, recorder, step -> say(benchCase.name() + ", " + place.type() + ": " + step));
            }
            figures.addAll(recorder.figures());
            String taken = Instant.now().truncatedTo(ChronoUnit.MINUTES).toString();
            sink.take(new CaseResult(
                    benchCase.name(), taken, Environment.describe(installation), benchCase.notes(scale), figures));
        }
    }

    /** Joins the results with those of other cases that were written there earlier. */
    private static void write(Path directory, Optional<Path> document, List<CaseResult> results) throws IOException {
        Files.createDirectories(directory);
        Path json = directory.resolve("results.json");
        List<CaseResult> earlier = JsonFile.read(json);
        List<CaseResult> all = new ArrayList<>();
        for (BenchCase one : Cases.ALL) {
            find(one.name(), results).or(() -> find(one.name(), earlier)).ifPresent(all::add);
        }
        JsonFile.write(json, all);
        Files.writeString(directory.resolve("results.txt"), TextReport.of(all));
        Files.writeString(directory.resolve("results.md"), MarkdownReport.of(all, ""));
        for (CaseResult result : all) {
            Charts.write(directory, result.figures());
        }
        if (document.isPresent()) {
            Document.fill(document.get(), directory, all);
        }
    }

    private static Optional<CaseResult> find(String name, List<CaseResult> results) {
        return results.stream()
                .filter(result -> result.benchCase().equals(name))
                .findFirst();
    }

    private void say(String step) {
        err.println(step);
        err.flush();
    }
}
