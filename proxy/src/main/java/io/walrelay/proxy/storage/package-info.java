/** The one seam to the file system, and the place where tests inject faults. */
@NullMarked
package io.walrelay.proxy.storage;

import org.jspecify.annotations.NullMarked;
