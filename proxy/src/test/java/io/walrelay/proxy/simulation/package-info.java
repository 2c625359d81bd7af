/** The relay's storage under faults: a disk that fails as told, and runs that a seed decides. */
@NullMarked
package io.walrelay.proxy.simulation;

import org.jspecify.annotations.NullMarked;
