package io.walrelay.proxy.config;

/** The values of {@code recovery_target_timeline}. */
public sealed interface RecoveryTargetTimeline {
    /** Follow the upstream to each new timeline. */
    record Latest() implements RecoveryTargetTimeline {}

    /** Stay on the timeline that the relay is on. */
    record Current() implements RecoveryTargetTimeline {}

    /** Go no further than one timeline.
     *
     * @param timeline 1 to 4294967295
     */
    record Target(long timeline) implements RecoveryTargetTimeline {}
}
