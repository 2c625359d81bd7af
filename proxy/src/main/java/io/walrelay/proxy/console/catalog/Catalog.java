package io.walrelay.proxy.console.catalog;

import io.walrelay.proxy.console.type.Majors;
import io.walrelay.proxy.console.type.PgTypes;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The relations of one major version: those of PostgreSQL ({@code relations.txt}) and the relay's own ({@code
 * walrelay.txt}), and the functions that give the same rows ever ({@code functions.txt}). Every one of PostgreSQL's is
 * declared, so that a client's query finds its columns; most give no rows.
 */
public final class Catalog {
    /** The schema of what PostgreSQL has no views for. */
    public static final String WALRELAY = "walrelay";

    /** Where names without a schema are looked up; pg_catalog first. */
    public static final List<String> SEARCH_PATH = List.of("pg_catalog", WALRELAY);

    /** OIDs of PostgreSQL's own views are given at initdb, from here on. */
    private static final int FIRST_SYSTEM_OID = 12_000;

    private static final int FIRST_OWN_OID = 16_384;

    private final int major;
    private final Map<String, Relation> relations = new LinkedHashMap<>();
    private final Map<String, Relation> functions = new LinkedHashMap<>();

    private Catalog(int major) {
        this.major = major;
    }

    /** The catalogue of a major version. */
    public static Catalog of(int major) {
        Catalog catalog = new Catalog(major);
        catalog.load("relations.txt", FIRST_SYSTEM_OID);
        catalog.load("walrelay.txt", FIRST_OWN_OID);
        catalog.load("functions.txt", 0);
        return catalog;
    }

    private void load(String resource, int firstOid) {
        int oid = firstOid;
        try (InputStream in = Objects.requireNonNull(
                        Catalog.class.getResourceAsStream("/io/walrelay/proxy/console/catalog/" + resource));
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            String[] heading = {};
            List<Relation.Field> fields = new ArrayList<>();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("#")) {
                    continue;
                }
                if (line.startsWith("  ")) {
                    field(line.trim().split(" ", -1)).ifPresent(fields::add);
                } else {
                    oid += add(heading, fields, oid);
                    heading = line.split(" ", -1);
                    fields = new ArrayList<>();
                }
            }
            add(heading, fields, oid);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean has(String[] words, int rangeAt) {
        int[] majors = Majors.parse(words.length > rangeAt ? words[rangeAt] : "");
        return majors[0] <= major && major <= majors[1];
    }

    private Optional<Relation.Field> field(String[] words) {
        // Before 12 the oid of a row was a system column.
        boolean hiddenOid = words[0].equals("oid") && words.length > 2 && words[2].equals("12-") && major < 12;
        return has(words, 2) || hiddenOid
                ? Optional.of(new Relation.Field(words[0], PgTypes.of(words[1]), hiddenOid))
                : Optional.empty();
    }

    private int add(String[] heading, List<Relation.Field> fields, int nextOid) {
        if (heading.length == 0) {
            return 0;
        }
        boolean fixed = heading.length > 2 && heading[2].startsWith("oid=");
        if (has(heading, fixed ? 3 : 2)) {
            int dot = heading[1].indexOf('.');
            if (heading[0].equals("function")) {
                functions.put(
                        heading[1],
                        new Relation(
                                0, heading[1].substring(0, dot), heading[1].substring(dot + 1) + "()", true, fields));
                return 0;
            }
            int oid = fixed ? Integer.parseInt(heading[2].substring(4)) : nextOid;
            Relation relation = new Relation(
                    oid,
                    heading[1].substring(0, dot),
                    heading[1].substring(dot + 1),
                    heading[0].equals("view"),
                    fields);
            relations.put(relation.key(), relation);
        }
        return fixed ? 0 : 1;
    }

    /** The major version. */
    public int major() {
        return major;
    }

    /** All relations. */
    public Collection<Relation> relations() {
        return relations.values();
    }

    /** The relation of this name in this schema. */
    public Optional<Relation> find(String schema, String name) {
        return Optional.ofNullable(relations.get(schema + "." + name));
    }

    /** The relation that a name without a schema means. */
    public Optional<Relation> find(String name) {
        return SEARCH_PATH.stream()
                .flatMap(schema -> find(schema, name).stream())
                .findFirst();
    }

    /** The rows of a function without arguments, where they are the same for a major version. */
    public Optional<Relation> rowsOf(List<String> function) {
        return Optional.ofNullable(
                functions.get(function.size() == 1 ? "pg_catalog." + function.getFirst() : String.join(".", function)));
    }

    /** The relation with this OID. */
    public Optional<Relation> find(long oid) {
        return relations.values().stream()
                .filter(relation -> relation.oid() == oid)
                .findFirst();
    }
}
