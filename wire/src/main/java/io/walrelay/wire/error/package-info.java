/** Errors as PostgreSQL reports them: SQLSTATE, severity, message, detail, hint. */
@NullMarked
package io.walrelay.wire.error;

import org.jspecify.annotations.NullMarked;
