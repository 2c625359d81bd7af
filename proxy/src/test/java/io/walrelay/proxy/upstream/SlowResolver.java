package io.walrelay.proxy.upstream;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** How this process looks names up: as the system does, but for one name, whose server answers when it is told to. */
public final class SlowResolver extends InetAddressResolverProvider {
    /** The name that is waited for. */
    static final String SLOW = "slow.example";

    private static final CountDownLatch ANSWER = new CountDownLatch(1);

    /** The name has no address, as its server says now. */
    static void answer() {
        ANSWER.countDown();
    }

    @Override
    public InetAddressResolver get(Configuration configuration) {
        InetAddressResolver system = configuration.builtinResolver();
        return new InetAddressResolver() {
            @Override
            public Stream<InetAddress> lookupByName(String host, LookupPolicy policy) throws UnknownHostException {
                if (!host.equals(SLOW)) {
                    return system.lookupByName(host, policy);
                }
                try {
                    if (!ANSWER.await(60, TimeUnit.SECONDS)) {
                        throw new AssertionError("nobody has had it answer");
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                throw new UnknownHostException(host);
            }

            @Override
            public String lookupByAddress(byte[] address) throws UnknownHostException {
                return system.lookupByAddress(address);
            }
        };
    }

    @Override
    public String name() {
        return "slow";
    }
}
