package io.walrelay.proxy.console.sql;

import io.walrelay.wire.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The names of types, those of the SQL standard among them. */
final class TypeParser {
    /** Types that may stand before a string literal and are more than a name. */
    private static final Set<String> STANDARD = Set.of(
            "double",
            "timestamp",
            "time",
            "character",
            "char",
            "national",
            "bit",
            "varchar",
            "numeric",
            "decimal",
            "dec",
            "int",
            "integer",
            "smallint",
            "bigint",
            "real",
            "float",
            "boolean");

    private final TokenStream tokens;

    TypeParser(TokenStream tokens) {
        this.tokens = tokens;
    }

    /** Whether a type of the standard may begin here. */
    boolean isAhead() {
        return STANDARD.contains(tokens.peek().text());
    }

    TypeName type() {
        Token first = tokens.peek();
        boolean setof = tokens.takeWord("setof");
        if (setof || !Keywords.isFunctionName(tokens.peek())) {
            throw tokens.unexpected();
        }
        List<String> names = new ArrayList<>();
        boolean quoted = first.kind() == Token.Kind.QUOTED;
        names.add(tokens.take().text());
        while (tokens.takeMark(".")) {
            names.add(tokens.label());
        }
        List<Integer> modifiers = new ArrayList<>();
        if (names.size() == 1 && !quoted) {
            String standard = standard(names.get(0));
            modifiers.addAll(modifiers());
            names.set(0, standard + zone(standard));
        } else {
            modifiers.addAll(modifiers());
        }
        return new TypeName(first.at(), names, modifiers, brackets());
    }

    private String standard(String word) {
        return switch (word) {
            case "int", "integer" -> "int4";
            case "smallint" -> "int2";
            case "bigint" -> "int8";
            case "real" -> "float4";
            case "float" -> "float8";
            case "boolean" -> "bool";
            case "decimal", "dec" -> "numeric";
            case "double" -> {
                tokens.expectWord("precision");
                yield "float8";
            }
            case "character", "char", "national" -> {
                boolean ignored = word.equals("national") && tokens.takeWord("character");
                yield tokens.takeWord("varying") || ignored ? "varchar" : "bpchar";
            }
            default -> word;
        };
    }

    private String zone(String standard) {
        if (!standard.equals("timestamp") && !standard.equals("time")) {
            return "";
        }
        if (tokens.isWord("with") && tokens.peek(1).isWord("time")) {
            tokens.take();
            tokens.take();
            tokens.expectWord("zone");
            return "tz";
        }
        if (tokens.isWord("without") && tokens.peek(1).isWord("time")) {
            tokens.take();
            tokens.take();
            tokens.expectWord("zone");
        }
        return "";
    }

    private List<Integer> modifiers() {
        List<Integer> modifiers = new ArrayList<>();
        if (tokens.isMark("(") && tokens.peek(1).kind() == Token.Kind.NUMBER) {
            tokens.take();
            do {
                Token number = tokens.take();
                try {
                    modifiers.add(Integer.parseInt(number.text()));
                } catch (NumberFormatException e) {
                    throw tokens.error(number.at(), SqlState.SYNTAX_ERROR, "invalid type modifier");
                }
            } while (tokens.takeMark(","));
            tokens.expectMark(")");
        }
        return modifiers;
    }

    private boolean brackets() {
        boolean array = false;
        while (tokens.takeMark("[")) {
            array = true;
            if (tokens.peek().kind() == Token.Kind.NUMBER) {
                tokens.take();
            }
            tokens.expectMark("]");
        }
        return tokens.takeWord("array") || array;
    }
}
