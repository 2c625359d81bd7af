package io.walrelay.bench.link;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * One direction of a link: takes packets of one device, lets so many bits pass in a second, and hands them to the other
 * device after the delay. What does not fit into its buffer is dropped, as a router does. Two threads of its own.
 */
final class Lane {
    private static final int PACKET_BYTES = 2048;
    private static final int PACKETS = 8192;

    private final TunDevice from;
    private final TunDevice to;
    private final long delayNanos;
    private final long bufferBytes;
    private final BlockingQueue<Packet> free = new ArrayBlockingQueue<>(PACKETS);
    private final BlockingQueue<Packet> underWay = new ArrayBlockingQueue<>(PACKETS);
    private final AtomicLong bytes = new AtomicLong();
    private volatile double nanosPerByte;

    /** A packet's memory, and what is known of it; owned by whoever has taken it from a queue. */
    private static final class Packet {
        private final ByteBuf memory = Unpooled.directBuffer(PACKET_BYTES, PACKET_BYTES);
        private int length;
        private long due;
    }

    Lane(TunDevice from, TunDevice to, double bitsPerSecond, long delayNanos, long bufferBytes) {
        this.from = from;
        this.to = to;
        this.delayNanos = delayNanos;
        this.bufferBytes = bufferBytes;
        rate(bitsPerSecond);
        for (int i = 0; i < PACKETS; i++) {
            free.add(new Packet());
        }
    }

    /** How many bits pass in a second, from now on. */
    void rate(double bitsPerSecond) {
        nanosPerByte = 8e9 / bitsPerSecond;
    }

    void start(String name) {
        Thread.ofPlatform().daemon().name(name + "-in").start(this::receive);
        Thread.ofPlatform().daemon().name(name + "-out").start(this::deliver);
    }

    /** What has been let through, in bytes of IP packets. */
    long bytes() {
        return bytes.get();
    }

    private void receive() {
        double lineFree = System.nanoTime();
        Packet packet = null;
        while (true) {
            packet = packet == null ? take(free) : packet;
            packet.length = from.read(packet.memory);
            if (packet.length <= 0) {
                return;
            }
            long now = System.nanoTime();
            lineFree = Math.max(lineFree, (double) now);
            double each = nanosPerByte;
            if (lineFree - now < bufferBytes * each) {
                lineFree += packet.length * each;
                packet.due = (long) lineFree + delayNanos;
                bytes.addAndGet(packet.length);
                underWay.add(packet);
                packet = null;
            }
        }
    }

    private void deliver() {
        while (true) {
            Packet packet = take(underWay);
            for (long wait = packet.due - System.nanoTime(); wait > 0; wait = packet.due - System.nanoTime()) {
                LockSupport.parkNanos(wait);
            }
            to.write(packet.memory, packet.length);
            free.add(packet);
        }
    }

    private static Packet take(BlockingQueue<Packet> queue) {
        try {
            return queue.take();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        }
    }
}
