/** What has happened, as the log tells it, kept for views. */
@NullMarked
package io.walrelay.proxy.event;

import org.jspecify.annotations.NullMarked;
