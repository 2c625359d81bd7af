package io.walrelay.proxy.console;

import io.walrelay.proxy.console.engine.EmbeddedConsole;
import io.walrelay.proxy.console.engine.Limits;
import io.walrelay.proxy.console.type.TextOutput;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.message.Column;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A client of a console over a sample relay: asks, and writes the answer as psql -At does. */
final class ConsoleClientOfTest implements AutoCloseable {
    final SampleRelay relay;
    final SampleSettings settings = new SampleSettings();
    final ConsoleSession session;
    private final EmbeddedConsole console;

    ConsoleClientOfTest(int major, boolean admin, Limits limits) {
        this.relay = new SampleRelay(major);
        this.console = new EmbeddedConsole(relay, relay, () -> limits);
        this.session = console.open(new ConsoleClient(
                4711,
                admin ? "admin" : "monitor",
                "postgres",
                admin,
                Optional.of(new ConsoleClient.Address("10.0.0.1", 50_000)),
                Optional.of(new ConsoleClient.Address("10.0.0.2", 5432)),
                SampleRelay.STARTED,
                Optional.empty(),
                settings));
    }

    static ConsoleClientOfTest admin() {
        return new ConsoleClientOfTest(15, true, Limits.DEFAULT);
    }

    static ConsoleClientOfTest monitor() {
        return new ConsoleClientOfTest(15, false, Limits.DEFAULT);
    }

    /** Rows in lines, columns parted by bars, nulls as nothing. */
    String ask(String sql, Object... parameters) {
        ConsoleStatement statement = session.prepare(sql, new int[0]);
        List<String> lines = new ArrayList<>();
        try (ConsoleResult result = statement.execute(List.of(parameters))) {
            while (result.next()) {
                List<String> fields = new ArrayList<>();
                for (int i = 0; i < statement.columns().size(); i++) {
                    Object value = result.value(i);
                    fields.add(
                            value == null
                                    ? ""
                                    : value instanceof Boolean truth
                                            ? (truth ? "t" : "f")
                                            : new TextOutput(ZoneOffset.UTC).write(value));
                }
                lines.add(String.join("|", fields));
            }
        }
        return String.join("\n", lines);
    }

    /** SQLSTATE and message of the error that this ends in. */
    String refusal(String sql) {
        try {
            ask(sql);
            return "none";
        } catch (PgException e) {
            return e.sqlState() + " " + e.message();
        }
    }

    /** Names and type OIDs of the columns. */
    String columns(String sql) {
        List<String> columns = new ArrayList<>();
        for (Column column : session.prepare(sql, new int[0]).columns()) {
            columns.add(column.name() + ":" + column.typeOid());
        }
        return String.join(" ", columns);
    }

    @Override
    public void close() {
        session.close();
        console.close();
    }
}
