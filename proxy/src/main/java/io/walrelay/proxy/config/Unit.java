package io.walrelay.proxy.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The unit that the plain number of a setting counts in: the {@code unit} column of pg_settings. */
public enum Unit {
    /** Kibibytes. */
    KB("kB", 1L << 10, true),
    /** Mebibytes. */
    MB("MB", 1L << 20, true),
    /** Milliseconds. */
    MS("ms", 1_000, false),
    /** Seconds. */
    S("s", 1_000_000, false);

    /** A unit as one may write it; {@code size} in bytes or microseconds. */
    private record Written(String name, long size) {}

    /** From the largest to the smallest. */
    private static final List<Written> MEMORY_UNITS = List.of(
            new Written("TB", 1L << 40),
            new Written("GB", 1L << 30),
            new Written("MB", 1L << 20),
            new Written("kB", 1L << 10),
            new Written("B", 1));

    private static final List<Written> TIME_UNITS = List.of(
            new Written("d", 86_400_000_000L),
            new Written("h", 3_600_000_000L),
            new Written("min", 60_000_000),
            new Written("s", 1_000_000),
            new Written("ms", 1_000),
            new Written("us", 1));

    private final String label;
    private final long size;
    private final boolean memory;

    Unit(String label, long size, boolean memory) {
        this.label = label;
        this.size = size;
        this.memory = memory;
    }

    /** The unit as PostgreSQL writes it. */
    public String label() {
        return label;
    }

    String hint() {
        return memory
                ? "Valid units for this parameter are \"B\", \"kB\", \"MB\", \"GB\", and \"TB\"."
                : "Valid units for this parameter are \"us\", \"ms\", \"s\", \"min\", \"h\", and \"d\".";
    }

    private List<Written> units() {
        return memory ? MEMORY_UNITS : TIME_UNITS;
    }

    /** Converts {@code value written} to this unit; null if there is no such unit.
     *
     * <p>A fraction is first rounded to a multiple of the next smaller unit, as convert_to_base_unit of guc.c does, so
     * that {@code 30.1 GB} is a whole number of megabytes.
     */
    @Nullable
    Double convert(double value, String written) {
        List<Written> units = units();
        for (int i = 0; i < units.size(); i++) {
            if (units.get(i).name.equals(written)) {
                double converted = value * ((double) units.get(i).size / size);
                if (i + 1 < units.size()) {
                    double next = (double) units.get(i + 1).size / size;
                    converted = Math.rint(converted / next) * next;
                }
                return converted;
            }
        }
        return null;
    }

    /** The value as SHOW prints it: in the largest unit that divides it; without a unit if it is not positive. */
    String show(long value) {
        if (value <= 0) {
            return Long.toString(value);
        }
        for (Written unit : units()) {
            if (unit.size >= size && value % (unit.size / size) == 0) {
                return value / (unit.size / size) + unit.name;
            }
        }
        return value + label;
    }
}
