/** PostgreSQL's SQL as far as the console answers it: lexer, syntax tree and parser. Pure. */
@NullMarked
package io.walrelay.proxy.console.sql;

import org.jspecify.annotations.NullMarked;
