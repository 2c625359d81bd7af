package io.walrelay.bench.cases;

/** Sizes as they are told: powers of two. */
final class Sizes {
    static final double MB = 1 << 20;
    static final double GB = 1 << 30;

    private Sizes() {}

    /** Such as {@code 2 GB}. */
    static String text(long bytes) {
        return bytes % (1 << 30) == 0 ? (bytes >> 30) + " GB" : (bytes >> 20) + " MB";
    }
}
