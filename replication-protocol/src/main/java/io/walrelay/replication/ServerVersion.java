package io.walrelay.replication;

/**
 * A server's version as its {@code server_version} parameter tells it, such as {@code 15.18 (Debian 15.18-1)}.
 *
 * @param text the parameter, verbatim
 */
public record ServerVersion(String text) {
    /** The version of that {@code server_version}; every text is accepted, as libpq does. */
    public static ServerVersion parse(String text) {
        return new ServerVersion(text);
    }

    /**
     * The version as one number by libpq's rule ({@code PQserverVersion}): 150018 for 15.18, 90624 for 9.6.24, 180000
     * for 18beta1, 0 where the text begins with no number.
     */
    public int number() {
        int[] parts = new int[3];
        int count = 0;
        int at = 0;
        while (count < parts.length) {
            int end = at;
            while (end < text.length() && end - at < 4 && Character.digit(text.charAt(end), 10) >= 0) {
                end++;
            }
            if (end == at) {
                break;
            }
            parts[count++] = Integer.parseInt(text, at, end, 10);
            if (end == text.length() || text.charAt(end) != '.') {
                break;
            }
            at = end + 1;
        }
        return parts[0] >= 10 && count < 3
                ? parts[0] * 10_000 + parts[1]
                : (parts[0] * 100 + parts[1]) * 100 + parts[2];
    }

    /** The major version: 10 to 18; 9 for any 9.x; 0 if unknown. */
    public int major() {
        return number() / 10_000;
    }

    @Override
    public String toString() {
        return text;
    }
}
