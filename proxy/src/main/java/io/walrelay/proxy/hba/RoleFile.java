package io.walrelay.proxy.hba;

import io.walrelay.proxy.config.ConfigurationException;
import io.walrelay.proxy.config.Origin;
import io.walrelay.proxy.config.Problem;
import io.walrelay.wire.auth.ScramVerifier;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The users that the relay knows: PgBouncer's auth_file, lines {@code "user" "secret"}; lines that begin with ; are
 * comments.
 *
 * <p>A secret is a SCRAM-SHA-256 verifier as rolpassword of pg_authid holds it, or a password in plain text,
 * from which a verifier is made when the file is read.
 */
public final class RoleFile {
    private static final Pattern LINE = Pattern.compile("\\s*\"((?:[^\"]|\"\")*+)\"\\s+\"((?:[^\"]|\"\")*+)\".*");
    private static final Pattern MD5 = Pattern.compile("md5[0-9a-f]{32}");

    private static final Set<PosixFilePermission> PRIVATE = EnumSet.of(
            PosixFilePermission.OWNER_READ,
            PosixFilePermission.OWNER_WRITE,
            PosixFilePermission.OWNER_EXECUTE,
            PosixFilePermission.GROUP_READ);

    private RoleFile() {}

    /** The verifier of each user; no user where there is no file.
     *
     * @throws ConfigurationException with every bad line there is
     */
    public static Map<String, ScramVerifier> load(Optional<Path> file) throws ConfigurationException {
        return file.isPresent() ? parse(file.get()) : Map.of();
    }

    /** The verifier of each user.
     *
     * @throws ConfigurationException with every bad line there is, and if others than its owner can write or read the
     *     file
     */
    public static Map<String, ScramVerifier> parse(Path file) throws ConfigurationException {
        List<Problem> problems = new ArrayList<>();
        Map<String, ScramVerifier> roles = new HashMap<>();
        List<String> lines;
        try {
            lines = Files.readAllLines(file, StandardCharsets.UTF_8);
            if (!PRIVATE.containsAll(Files.getPosixFilePermissions(file))) {
                problems.add(Problem.of(
                        "file \"%s\" has group or world access".formatted(file),
                        "Permissions should be u=rw (0600), or u=rw,g=r (0640) if a group must read it."));
            }
        } catch (IOException e) {
            throw new ConfigurationException(
                    List.of(Problem.of("could not open file \"%s\": %s".formatted(file, FileProblem.reason(e)))));
        }
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (!line.isBlank() && !line.startsWith(";")) {
                add(roles, line, new Origin.File(file, i + 1), problems);
            }
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return Map.copyOf(roles);
    }

    private static void add(Map<String, ScramVerifier> roles, String line, Origin origin, List<Problem> problems) {
        Matcher matcher = LINE.matcher(line);
        if (!matcher.matches()) {
            problems.add(Problem.of(
                    "syntax error" + origin.place(), "A line is \"user\" \"secret\", both in double quotes."));
            return;
        }
        String user = unquote(matcher.group(1));
        String secret = unquote(matcher.group(2));
        if (user.isEmpty() || secret.isEmpty()) {
            problems.add(Problem.of("user name or secret is empty" + origin.place()));
        } else if (roles.containsKey(user)) {
            problems.add(Problem.of("user \"%s\" occurs twice%s".formatted(user, origin.place())));
        } else if (MD5.matcher(secret).matches()) {
            problems.add(Problem.of(
                    "user \"%s\" has an MD5 password%s".formatted(user, origin.place()),
                    "Use a SCRAM-SHA-256 verifier: set password_encryption to scram-sha-256, set the password again and"
                            + " copy rolpassword from pg_authid."));
        } else {
            verifier(secret)
                    .ifPresentOrElse(
                            verifier -> roles.put(user, verifier),
                            () -> problems.add(Problem.of(
                                    "invalid SCRAM secret for user \"%s\"%s".formatted(user, origin.place()),
                                    "Its form is SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey.")));
        }
    }

    private static Optional<ScramVerifier> verifier(String secret) {
        return secret.startsWith("SCRAM-SHA-256$")
                ? ScramVerifier.parse(secret)
                : Optional.of(ScramVerifier.create(secret, new SecureRandom()));
    }

    private static String unquote(String text) {
        return text.replace("\"\"", "\"");
    }
}
