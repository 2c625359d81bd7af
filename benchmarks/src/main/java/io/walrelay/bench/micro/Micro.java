package io.walrelay.bench.micro;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs the JMH benchmarks, each in a JVM of its own with the options of the relay's. */
public final class Micro {
    private Micro() {}

    /**
     * What one benchmark came to.
     *
     * @param name such as {@code decode, payload=1024}
     * @param rates of its iterations, in MB/s
     */
    public record Rate(String name, List<Double> rates) {}

    /**
     * Runs all of them.
     *
     * @param wal a segment of real WAL
     * @param iterations that count; as many are made before them to warm up
     */
    public static List<Rate> run(Path wal, int iterations) throws RunnerException {
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .include("io\\.walrelay\\.bench\\.micro\\..*")
                        .mode(Mode.Throughput)
                        .timeUnit(TimeUnit.SECONDS)
                        .forks(1)
                        .warmupIterations(iterations)
                        .warmupTime(TimeValue.seconds(1))
                        .measurementIterations(iterations)
                        .measurementTime(TimeValue.seconds(1))
                        .verbosity(VerboseMode.SILENT)
                        .jvmArgs(
                                "-XX:+UseSerialGC",
                                "-Xms32m",
                                "-Xmx256m",
                                "--enable-native-access=ALL-UNNAMED",
                                "-D" + SampleWal.FILE + "=" + wal)
                        .build())
                .run();
        return results.stream().map(Micro::rate).toList();
    }

    private static Rate rate(RunResult result) {
        String benchmark = result.getParams().getBenchmark();
        String name = benchmark.substring(benchmark.lastIndexOf('.') + 1);
        String payload = result.getParams().getParam("payload");
        return new Rate(
                payload == null ? name : name + ", messages of " + payload + " bytes",
                result.getBenchmarkResults().iterator().next().getIterationResults().stream()
                        .map(IterationResult::getPrimaryResult)
                        .map(one -> one.getScore())
                        .toList());
    }
}
