package io.walrelay.proxy.config;

import io.walrelay.proxy.config.ConfigurationLexer.Kind;
import io.walrelay.proxy.config.ConfigurationLexer.Token;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Reads a file in postgresql.conf's grammar, and the files that it includes (ParseConfigFp of guc-file.l).
 *
 * <p>It never stops at the first error: all of them go into the list that it was made with.
 */
final class ConfigurationFile {
    private static final int MAX_DEPTH = 10;
    private static final int MAX_ERRORS = 100;

    private final List<Problem> problems;
    private final List<Assignment> assignments = new ArrayList<>();
    private final List<FileLine> unread = new ArrayList<>();

    ConfigurationFile(List<Problem> problems) {
        this.problems = problems;
    }

    /** The assignments of the file and of those it includes, in their order. */
    List<Assignment> read(Path file) {
        readFile(file, 0, new Origin.File(file, 0), true);
        return assignments;
    }

    /** What could not be read, as {@code pg_file_settings} shows it ({@code record_config_file_error}). */
    List<FileLine> unread() {
        return unread;
    }

    private void unread(Origin.File at, String error) {
        unread.add(new FileLine(
                Optional.of(at.file()), at.line(), Optional.empty(), Optional.empty(), false, Optional.of(error)));
    }

    /** The end of a message about what stands there. */
    private static String place(Origin.File from) {
        return from.line() == 0 ? "" : from.place();
    }

    /** @param from where it is included; line 0 of itself, if nowhere */
    private void readFile(Path file, int depth, Origin.File from, boolean mustExist) {
        if (depth > MAX_DEPTH) {
            unread(from, "nesting depth exceeded");
            problems.add(Problem.of("could not open configuration file \"%s\": maximum nesting depth exceeded%s"
                    .formatted(file, place(from))));
            return;
        }
        String text;
        try {
            text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            if (mustExist) {
                problems.add(couldNotOpen("file", file, e, from));
            }
            return;
        } catch (IOException e) {
            problems.add(couldNotOpen("file", file, e, from));
            return;
        }
        parse(text, file, depth);
    }

    private void parse(String text, Path file, int depth) {
        ConfigurationLexer lexer = new ConfigurationLexer(text);
        int errors = 0;
        Token token = lexer.next();
        while (token.kind() != Kind.END) {
            if (token.kind() != Kind.EOL) {
                token = parseLine(lexer, token, file, depth);
                if (token.kind() != Kind.EOL && token.kind() != Kind.END && ++errors >= MAX_ERRORS) {
                    problems.add(Problem.of("too many syntax errors found, abandoning file \"%s\"".formatted(file)));
                    return;
                }
                while (token.kind() != Kind.EOL && token.kind() != Kind.END) {
                    token = lexer.next();
                }
            }
            if (token.kind() == Kind.EOL) {
                token = lexer.next();
            }
        }
    }

    /** Reads one line from its first token on. Returns the token at which it ended or failed. */
    private Token parseLine(ConfigurationLexer lexer, Token first, Path file, int depth) {
        if (first.kind() != Kind.ID && first.kind() != Kind.QUALIFIED_ID) {
            return syntaxError(file, first);
        }
        Token value = lexer.next();
        if (value.kind() == Kind.EQUALS) {
            value = lexer.next();
        }
        Optional<String> text = value.value();
        if (text.isEmpty()) {
            return syntaxError(file, value);
        }
        Token end = lexer.next();
        if (end.kind() != Kind.EOL && end.kind() != Kind.END) {
            return syntaxError(file, end);
        }
        assign(first, text.get(), file, depth);
        return end;
    }

    private Token syntaxError(Path file, Token token) {
        boolean atEnd = token.kind() == Kind.EOL || token.kind() == Kind.END;
        unread(new Origin.File(file, token.line()), "syntax error");
        problems.add(Problem.of("syntax error in file \"%s\" line %d, near %s"
                .formatted(file, token.line(), atEnd ? "end of line" : "token \"" + token.text() + "\"")));
        return token;
    }

    private void assign(Token name, String text, Path file, int depth) {
        Origin.File origin = new Origin.File(file, name.line());
        if (name.text().equalsIgnoreCase("include")) {
            include(text, origin, depth, true);
        } else if (name.text().equalsIgnoreCase("include_if_exists")) {
            include(text, origin, depth, false);
        } else if (name.text().equalsIgnoreCase("include_dir")) {
            includeDirectory(text, origin, depth);
        } else {
            assignments.add(new Assignment(name.text(), text, origin));
        }
    }

    private void include(String text, Origin.File from, int depth, boolean mustExist) {
        if (text.isBlank()) {
            unread(from, "empty configuration file name");
            problems.add(Problem.of("empty configuration file name: \"%s\"%s".formatted(text, from.place())));
            return;
        }
        Optional<Path> included = resolve(from, text, "file");
        if (included.isEmpty()) {
            return;
        }
        Path file = included.get();
        if (file.equals(from.file())) {
            unread(from, "recursion in \"" + file + "\"");
            problems.add(Problem.of("configuration file recursion in \"%s\"%s".formatted(file, from.place())));
            return;
        }
        readFile(file, depth + 1, from, mustExist);
    }

    private void includeDirectory(String text, Origin.File from, int depth) {
        if (text.isBlank()) {
            unread(from, "empty configuration directory name");
            problems.add(Problem.of("empty configuration directory name: \"%s\"%s".formatted(text, from.place())));
            return;
        }
        Optional<Path> included = resolve(from, text, "directory");
        if (included.isEmpty()) {
            return;
        }
        Path directory = included.get();
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, ConfigurationFile::isIncluded)) {
            entries.forEach(files::add);
        } catch (IOException e) {
            problems.add(couldNotOpen("directory", directory, e, from));
            return;
        }
        files.sort(Comparator.comparing(Path::toString));
        for (Path file : files) {
            readFile(file, depth + 1, from, true);
        }
    }

    /** A name may hold characters that the operating system's locale has no bytes for. */
    private Optional<Path> resolve(Origin.File from, String text, String what) {
        try {
            return Optional.of(from.file().resolveSibling(text).normalize());
        } catch (InvalidPathException e) {
            unread(from, "could not open " + what + " \"" + text + "\"");
            problems.add(Problem.of(
                    "could not open configuration %s \"%s\": %s%s".formatted(what, text, e.getReason(), from.place())));
            return Optional.empty();
        }
    }

    private static boolean isIncluded(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".conf") && !name.startsWith(".") && !Files.isDirectory(file);
    }

    private Problem couldNotOpen(String what, Path path, IOException e, Origin.File from) {
        unread(from, "could not open " + what + " \"" + path + "\"");
        return Problem.of("could not open configuration %s \"%s\": %s%s".formatted(what, path, reason(e), place(from)));
    }

    private static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "No such file or directory";
        }
        if (e instanceof AccessDeniedException) {
            return "Permission denied";
        }
        return String.valueOf(e.getMessage());
    }
}
