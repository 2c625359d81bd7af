/** Metrics for Prometheus, computed from the relay's live state whenever they are fetched. */
@NullMarked
package io.walrelay.proxy.metrics;

import org.jspecify.annotations.NullMarked;
