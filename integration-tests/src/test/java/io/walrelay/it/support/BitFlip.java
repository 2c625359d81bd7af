package io.walrelay.it.support;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Damages a file of WAL that holds rows of {@link Rows}. */
public final class BitFlip {
    /** Part of a row, and so of a record: between records there are bytes that mean nothing. */
    private static final Pattern ROW = Pattern.compile("[0-9a-f]{100}");

    private BitFlip() {}

    /** Flips one bit of the first row behind an offset. */
    public static void in(Path file, int from) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        Matcher row = ROW.matcher(new String(bytes, StandardCharsets.ISO_8859_1));
        if (!row.find(from)) {
            throw new IOException("no row behind " + from + " in " + file);
        }
        bytes[row.start() + 50] ^= 1;
        Files.write(file, bytes);
    }
}
