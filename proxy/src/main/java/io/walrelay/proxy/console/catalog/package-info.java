/** The declared catalogue of relations, and where their rows come from. */
@NullMarked
package io.walrelay.proxy.console.catalog;

import org.jspecify.annotations.NullMarked;
