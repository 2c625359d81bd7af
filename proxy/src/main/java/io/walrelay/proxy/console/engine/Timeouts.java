package io.walrelay.proxy.console.engine;

import java.time.Duration;

/** Settings that are times, as SHOW shows them. */
final class Timeouts {
    private Timeouts() {}

    /** {@code 5s}, {@code 2min}, {@code 1500ms}, {@code 0}; zero for what is no time. */
    static Duration parse(String shown) {
        int digits = 0;
        while (digits < shown.length() && Character.isDigit(shown.charAt(digits))) {
            digits++;
        }
        if (digits == 0 || digits > 12) {
            return Duration.ZERO;
        }
        long amount = Long.parseLong(shown.substring(0, digits));
        return switch (shown.substring(digits).strip()) {
            case "", "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "min" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            case "d" -> Duration.ofDays(amount);
            default -> Duration.ZERO;
        };
    }
}
