/** Which of Netty's transports is used: epoll where it is there, NIO elsewhere. */
@NullMarked
package io.walrelay.proxy.transport;

import org.jspecify.annotations.NullMarked;
