/** BASE_BACKUP and UPLOAD_MANIFEST, passed through to the upstream on a connection of their own. */
@NullMarked
package io.walrelay.proxy.backup;

import org.jspecify.annotations.NullMarked;
