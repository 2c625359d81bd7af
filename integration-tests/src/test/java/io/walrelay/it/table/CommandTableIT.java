package io.walrelay.it.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.walrelay.it.support.Cascade;
import io.walrelay.it.support.Landmarks;
import io.walrelay.it.support.RawReplicationClient;
import io.walrelay.it.support.Relays;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Sends every input of the table to a real cascading standby and to the relay beside it, behind the same primary, and
 * compares what comes back: columns, type OIDs, tags, SQLSTATEs, messages, and their order.
 *
 * <p>{@link Deviations} lists the inputs that a node without data answers otherwise, each with its reason.
 */
@ParameterizedClass(name = "PostgreSQL {0}")
@MethodSource("io.walrelay.it.support.Majors#all")
class CommandTableIT {
    private static final Path OUTPUT = Path.of("target", "command-table");

    private static @Nullable Cascade cascade;

    @Parameter
    int major;

    @BeforeParameterizedClassInvocation
    static void start(int major) throws IOException, SQLException {
        Files.deleteIfExists(OUTPUT.resolve(fileName(major, "standby")));
        Files.deleteIfExists(OUTPUT.resolve(fileName(major, "relay")));
        cascade = Cascade.start(major, Relays::besideAStandby);
    }

    @AfterParameterizedClassInvocation
    static void stop() throws IOException {
        if (cascade != null) {
            cascade.close();
            cascade = null;
        }
    }

    @TestFactory
    Stream<DynamicTest> relayAnswersAsAStandbyDoes() {
        return Stream.of(
                        StartupInputs.all(),
                        CommandInputs.all(),
                        SlotInputs.all(),
                        StreamInputs.all(),
                        MessageInputs.all(),
                        DatabaseInputs.all(),
                        DatabaseInputs.messages())
                .flatMap(inputs -> inputs)
                .map(input -> DynamicTest.dynamicTest(printable(input.name()), () -> compare(input)));
    }

    private void compare(Input input) throws IOException {
        Cascade here = Objects.requireNonNull(cascade);
        Answers answers = ask(here, input);
        record(input, "standby", answers.standby());
        record(input, "relay", answers.relay());
        if (answers.relay().equals(answers.standby())) {
            return;
        }
        Optional<Deviations.Deviation> deviation = Deviations.of(input.name(), major);
        if (deviation.isPresent() && deviation.get().holds().test(answers.relay())) {
            return;
        }
        Deviations.defect(input.name()).ifPresent(defect -> abort("known defect: " + defect));
        assertThat(answers.relay())
                .as(printable(input.name())
                        + deviation.map(d -> ": " + d.reason()).orElse(""))
                .isEqualTo(answers.standby());
    }

    /** All answers are left in {@code target/command-table}, where a diff shows everything at once. */
    private void record(Input input, String node, List<String> answer) throws IOException {
        Files.writeString(
                Files.createDirectories(OUTPUT).resolve(fileName(major, node)),
                "== " + printable(input.name()) + "\n" + String.join("\n", answer) + "\n",
                StandardCharsets.UTF_8,
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    private static String fileName(int major, String node) {
        return "postgresql-" + major + "-" + node + ".txt";
    }

    /** What the two have answered, at the same position. */
    private record Answers(List<String> standby, List<String> relay) {}

    /** A checkpoint or the like may move the position between the two; then both are asked again. */
    private static Answers ask(Cascade cascade, Input input) throws IOException {
        while (true) {
            Landmarks at = cascade.settle();
            Answers answers = new Answers(
                    transcript(cascade.standby().port(), input, at),
                    transcript(cascade.relay().port(), input, at));
            if (cascade.position().equals(at.position())) {
                return answers;
            }
        }
    }

    private static List<String> transcript(int port, Input input, Landmarks at) throws IOException {
        try (RawReplicationClient client = RawReplicationClient.connect(port)) {
            input.conversation().hold(client, at);
            return List.copyOf(client.transcript().lines());
        }
    }

    private static String printable(String name) {
        return name.replace("\n", "\\n").replace("\t", "\\t");
    }
}
