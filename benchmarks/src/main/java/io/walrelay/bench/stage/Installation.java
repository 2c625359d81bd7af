package io.walrelay.bench.stage;

import io.walrelay.proxy.embedded.PostgresBinaries;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The PostgreSQL to measure with: version 15 as a distribution installs it, which has the client tools too; or else the
 * one that comes with the program, which has none.
 */
public final class Installation {
    private static final int MAJOR = 15;
    private static final int EMBEDDED_MAJOR = 18;
    private static final Pattern VERSION = Pattern.compile("\\(PostgreSQL\\) (\\d+)\\.(\\d+)");

    private final PostgresBinaries binaries;

    private Installation(PostgresBinaries binaries) {
        this.binaries = binaries;
    }

    /** Looks for it. */
    public static Installation find() throws IOException {
        for (String place :
                Stream.of("/usr/lib/postgresql/" + MAJOR, "/usr/pgsql-" + MAJOR).toList()) {
            Path home = Path.of(place);
            if (Files.isExecutable(home.resolve("bin/postgres"))) {
                return new Installation(new PostgresBinaries(home, version(home.resolve("bin/postgres"))));
            }
        }
        return new Installation(PostgresBinaries.find(EMBEDDED_MAJOR));
    }

    /** The server programs. */
    public PostgresBinaries binaries() {
        return binaries;
    }

    /**
     * Where a client tool is.
     *
     * @throws Unavailable if it is not there
     */
    public String tool(String name) throws Unavailable {
        Path tool = binaries.program(name);
        if (!Files.isExecutable(tool)) {
            throw new Unavailable(name + " is not installed beside " + binaries.program("postgres")
                    + "; on Debian and Ubuntu install postgresql-" + MAJOR);
        }
        return tool.toString();
    }

    private static String version(Path postgres) throws IOException {
        Process process = new ProcessBuilder(postgres.toString(), "--version").start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Matcher matcher = VERSION.matcher(text);
        if (!matcher.find()) {
            throw new IOException(postgres + " does not tell its version: " + text);
        }
        return matcher.group(1) + "." + matcher.group(2) + ".0";
    }
}
