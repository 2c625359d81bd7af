package io.walrelay.bench.report;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.walrelay.bench.figure.CaseResult;
import io.walrelay.bench.figure.Figure;
import io.walrelay.bench.figure.Series;
import io.walrelay.bench.figure.Targets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code results.json}: every sample of every figure, with what the tables tell of them. What is read back is the
 * samples; the rest is computed anew.
 */
public final class JsonFile {
    private static final Gson GSON = new GsonBuilder()
            .setPrettyPrinting()
            .disableHtmlEscaping()
            .serializeSpecialFloatingPointValues()
            .create();

    private JsonFile() {}

    /** The results that a file holds; none where there is no file. */
    public static List<CaseResult> read(Path file) throws IOException {
        List<CaseResult> results = new ArrayList<>();
        if (Files.exists(file)) {
            JsonObject root = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
            for (JsonElement one : root.getAsJsonArray("cases")) {
                results.add(GSON.fromJson(one, CaseResult.class));
            }
        }
        return results;
    }

    /** Writes the results. */
    public static void write(Path file, List<CaseResult> results) throws IOException {
        JsonObject root = new JsonObject();
        JsonArray cases = new JsonArray();
        for (CaseResult result : results) {
            JsonObject one = GSON.toJsonTree(result).getAsJsonObject();
            for (int i = 0; i < result.figures().size(); i++) {
                enrich(
                        one.getAsJsonArray("figures").get(i).getAsJsonObject(),
                        result.figures().get(i));
            }
            cases.add(one);
        }
        root.add("cases", cases);
        JsonArray targets = new JsonArray();
        Targets.outcomes(results.stream()
                        .flatMap(result -> result.figures().stream())
                        .toList())
                .forEach(outcome -> {
                    JsonObject target = new JsonObject();
                    target.addProperty("target", outcome.target().what());
                    target.addProperty("where", outcome.where());
                    target.addProperty(
                            outcome.target().atLeast() ? "atLeast" : "atMost",
                            outcome.target().limit());
                    target.addProperty("value", outcome.value());
                    target.addProperty("met", outcome.met());
                    targets.add(target);
                });
        root.add("targets", targets);
        Files.writeString(file, GSON.toJson(root) + "\n");
    }

    private static void enrich(JsonObject json, Figure figure) {
        for (int i = 0; i < figure.series().size(); i++) {
            Series series = figure.series().get(i);
            JsonObject one = json.getAsJsonArray("series").get(i).getAsJsonObject();
            one.add("summary", GSON.toJsonTree(series.summary()));
            if (!series.contender().equals(Series.RELAY)) {
                figure.ratioTo(series).ifPresent(ratio -> one.add("relayToIt", GSON.toJsonTree(ratio)));
            }
        }
    }
}
