package io.walrelay.proxy.hba;

import io.walrelay.proxy.config.ConfigurationException;
import io.walrelay.proxy.config.Origin;
import io.walrelay.proxy.config.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Reads pg_hba.conf (PostgreSQL: The pg_hba.conf File; hba.c). */
public final class HbaFile {
    private HbaFile() {}

    /** The rules of a file, or those that are in force without one.
     *
     * @throws ConfigurationException with every bad line there is
     */
    public static HbaRules load(Optional<Path> file) throws ConfigurationException {
        return file.isPresent() ? parse(file.get()) : HbaRules.loopbackOnly();
    }

    /** The rules of a file.
     *
     * @throws ConfigurationException with every bad line there is
     */
    public static HbaRules parse(Path file) throws ConfigurationException {
        List<HbaFileLine> lines = lines(file);
        List<Problem> problems =
                lines.stream().flatMap(line -> line.problem().stream()).collect(Collectors.toList());
        if (lines.isEmpty()) {
            problems.add(Problem.of("configuration file \"%s\" contains no entries".formatted(file)));
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return new HbaRules(lines.stream().flatMap(line -> line.rule().stream()).toList());
    }

    /** The lines of a file, good and bad; comments and empty ones are none.
     *
     * @throws ConfigurationException if it cannot be read
     */
    public static List<HbaFileLine> lines(Path file) throws ConfigurationException {
        List<String> lines;
        try {
            lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new ConfigurationException(
                    List.of(Problem.of("could not open file \"%s\": %s".formatted(file, FileProblem.reason(e)))));
        }
        List<HbaFileLine> read = new ArrayList<>();
        int number = 0;
        while (number < lines.size()) {
            Origin.File origin = new Origin.File(file, number + 1);
            StringBuilder line = new StringBuilder(lines.get(number++));
            // A backslash at the end goes on with the next line.
            while (line.length() > 0 && line.charAt(line.length() - 1) == '\\' && number < lines.size()) {
                line.setLength(line.length() - 1);
                line.append(lines.get(number++));
            }
            List<List<HbaTokens.Token>> fields = HbaTokens.fields(line.toString());
            if (!fields.isEmpty()) {
                read.add(line(fields, origin));
            }
        }
        return read;
    }

    private static HbaFileLine line(List<List<HbaTokens.Token>> fields, Origin.File origin) {
        try {
            return HbaFileLine.good(HbaLineParser.parse(fields, origin), origin);
        } catch (HbaLineParser.Malformed e) {
            return HbaFileLine.bad(String.valueOf(e.getMessage()), e.problem(origin), origin);
        }
    }
}
