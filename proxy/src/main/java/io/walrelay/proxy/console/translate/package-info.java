/**
 * From PostgreSQL's SQL to the engine's: names, types, functions and operators are resolved here by PostgreSQL's rules,
 * and the engine is given SQL that was written here, of which no character is the client's but inside of quoted
 * literals.
 */
@NullMarked
package io.walrelay.proxy.console.translate;

import org.jspecify.annotations.NullMarked;
