/** PostgreSQL's replication commands: one lexer and one recursive-descent parser for the grammar of 10 to 18. */
@NullMarked
package io.walrelay.replication.command;

import org.jspecify.annotations.NullMarked;
