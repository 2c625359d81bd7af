package io.walrelay.replication;

/**
 * What tells one cluster from another: the unsigned 64-bit number that initdb chose, which every copy of the cluster
 * shares and which stands in the first page header of each WAL segment. Text form is unsigned decimal.
 *
 * @param value the 64 bits; negative where the top bit is set
 * @see <a href="https://www.postgresql.org/docs/current/protocol-replication.html">IDENTIFY_SYSTEM</a>
 */
public record SystemIdentifier(long value) {
    /**
     * Reads unsigned decimal text: digits only, no sign and no blanks.
     *
     * @throws IllegalArgumentException if {@code text} is not a decimal number below 2^64
     */
    public static SystemIdentifier parse(String text) {
        boolean digits = !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
        if (digits) {
            try {
                return new SystemIdentifier(Long.parseUnsignedLong(text));
            } catch (NumberFormatException tooLarge) {
                // Falls through to the one error there is.
            }
        }
        throw new IllegalArgumentException("invalid system identifier \"" + text + "\"");
    }

    @Override
    public String toString() {
        return Long.toUnsignedString(value);
    }
}
