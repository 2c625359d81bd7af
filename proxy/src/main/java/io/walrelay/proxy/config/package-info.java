/** The one catalogue of settings, the file they come from, and the snapshot that the running relay reads. */
@NullMarked
package io.walrelay.proxy.config;

import org.jspecify.annotations.NullMarked;
