/** Which of Netty's transports is used: epoll where it is there, NIO elsewhere; and what runs on its event loops. */
@NullMarked
package io.walrelay.proxy.transport;

import org.jspecify.annotations.NullMarked;
