package io.walrelay.proxy.upstream;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Finds the addresses of a host, in the order in which they are to be tried. */
@FunctionalInterface
interface HostLookup {
    /**
     * As the system looks names up, each on a thread of its own: a name server that does not answer would stop the
     * event loop, and all that it serves, for as long as the system waits.
     */
    HostLookup SYSTEM = host -> {
        CompletableFuture<List<InetAddress>> found = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("resolver").start(() -> {
            try {
                found.complete(List.of(InetAddress.getAllByName(host)));
            } catch (UnknownHostException e) {
                found.completeExceptionally(e);
            }
        });
        return found;
    };

    /**
     * Looks up a name, or reads an address.
     *
     * @return at least one address; completes on any thread, and fails if there is none
     */
    CompletableFuture<List<InetAddress>> addresses(String host);
}
