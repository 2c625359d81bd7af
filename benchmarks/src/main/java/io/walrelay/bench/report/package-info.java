/** What is printed and written of the figures: tables, Markdown, JSON, SVG. */
@NullMarked
package io.walrelay.bench.report;

import org.jspecify.annotations.NullMarked;
