package io.walrelay.bench.link;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.walrelay.bench.libc.CLibrary;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * A network interface whose packets this process reads and writes.
 *
 * <p>Source: the Linux kernel's documentation, "Universal TUN/TAP device driver".
 */
final class TunDevice implements Closeable {
    private static final int O_RDWR = 2;
    private static final long TUNSETIFF = 0x400454caL;
    private static final int IFF_TUN = 0x0001;
    private static final int IFF_NO_PI = 0x1000;
    private static final int IFREQ_BYTES = 40;
    private static final int NAME_BYTES = 16;

    private final CLibrary.Transfer read;
    private final CLibrary.Transfer write;
    private final CLibrary.Close close;
    private final int descriptor;

    /** Makes an interface of that name, of at most 15 bytes; it goes when this is closed. */
    TunDevice(CLibrary library, String name) throws IOException {
        read = library.read();
        write = library.write();
        close = library.close();
        ByteBuf memory = Unpooled.directBuffer(64);
        try {
            memory.writeCharSequence("/dev/net/tun\0", StandardCharsets.US_ASCII);
            descriptor = library.open().call(memory.memoryAddress(), O_RDWR);
            if (descriptor < 0) {
                throw new IOException("/dev/net/tun cannot be opened");
            }
            memory.clear().writeZero(IFREQ_BYTES);
            memory.setCharSequence(0, name, StandardCharsets.US_ASCII);
            memory.setShortLE(NAME_BYTES, IFF_TUN | IFF_NO_PI);
            if (library.ioctl().call(descriptor, TUNSETIFF, memory.memoryAddress()) < 0) {
                close.call(descriptor);
                throw new IOException("the interface " + name + " cannot be made");
            }
        } finally {
            memory.release();
        }
    }

    /** Waits for a packet; its length in bytes, or negative when the interface is gone. */
    int read(ByteBuf packet) {
        return (int) read.call(descriptor, packet.memoryAddress(), packet.capacity());
    }

    /** Hands a packet to the kernel, which may drop it. */
    void write(ByteBuf packet, int length) {
        write.call(descriptor, packet.memoryAddress(), length);
    }

    @Override
    public void close() {
        close.call(descriptor);
    }
}
