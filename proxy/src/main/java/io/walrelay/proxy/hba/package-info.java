/**
 * Who may connect: pg_hba.conf and the file of users. Files are read here; the session asks and turns the answer into
 * errors.
 */
@NullMarked
package io.walrelay.proxy.hba;

import org.jspecify.annotations.NullMarked;
