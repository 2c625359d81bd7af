package io.walrelay.proxy.upstream;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;

/**
 * Looks host names up as the system does, each on a thread of its own: a name server that does not answer would stop the
 * event loop, and all that it serves, for as long as the system waits.
 */
final class OffLoopResolver extends AddressResolverGroup<InetSocketAddress> {
    static final OffLoopResolver INSTANCE = new OffLoopResolver();

    private OffLoopResolver() {}

    @Override
    protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
        return new SystemResolver(executor).asAddressResolver();
    }

    private static final class SystemResolver extends InetNameResolver {
        SystemResolver(EventExecutor executor) {
            super(executor);
        }

        @Override
        protected void doResolve(String host, Promise<InetAddress> promise) {
            lookUp(host, promise, found -> promise.trySuccess(found.getFirst()));
        }

        @Override
        protected void doResolveAll(String host, Promise<List<InetAddress>> promise) {
            lookUp(host, promise, promise::trySuccess);
        }

        private interface Found {
            void accept(List<InetAddress> addresses);
        }

        private static void lookUp(String host, Promise<?> promise, Found found) {
            Thread.ofPlatform().daemon().name("resolver").start(() -> {
                try {
                    found.accept(List.of(InetAddress.getAllByName(host)));
                } catch (UnknownHostException e) {
                    promise.tryFailure(e);
                }
            });
        }
    }
}
