package io.walrelay.bench.link;

import io.walrelay.bench.libc.CLibrary;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A link between this machine's network and a network namespace, of 25 ms in each direction, with a buffer of 1 MB
 * before it; of 100 Mbit/s until it is told otherwise. It is made of two tun devices between which this process passes
 * packets on: that needs root and ip(8), but not the kernel's netem, which many have not.
 */
public final class SlowLink implements Closeable {
    /** The address of this side. */
    public static final String NEAR = "10.213.77.1";

    private static final String FAR = "10.213.77.2";
    private static final double BITS_PER_SECOND = 100e6;
    private static final long DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(25);
    private static final long BUFFER_BYTES = 1 << 20;

    private final String namespace = "walrelay-" + ProcessHandle.current().pid();
    private final TunDevice near;
    private final TunDevice far;
    private final Lane there;
    private final Lane back;

    /** Makes it. */
    public SlowLink() throws IOException {
        CLibrary library = new CLibrary();
        String id = Long.toString(ProcessHandle.current().pid());
        near = new TunDevice(library, "wr" + id + "n");
        far = new TunDevice(library, "wr" + id + "f");
        try {
            ip("netns", "add", namespace);
            ip("link", "set", "wr" + id + "f", "netns", namespace);
            ip("addr", "add", NEAR, "peer", FAR, "dev", "wr" + id + "n");
            ip("link", "set", "wr" + id + "n", "up");
            ip("-n", namespace, "addr", "add", FAR, "peer", NEAR, "dev", "wr" + id + "f");
            ip("-n", namespace, "link", "set", "wr" + id + "f", "up");
            ip("-n", namespace, "link", "set", "lo", "up");
            there = new Lane(near, far, BITS_PER_SECOND, DELAY_NANOS, BUFFER_BYTES);
            back = new Lane(far, near, BITS_PER_SECOND, DELAY_NANOS, BUFFER_BYTES);
        } catch (IOException e) {
            close();
            throw e;
        }
        there.start("link-there");
        back.start("link-back");
    }

    /** Why there can be no such link here; empty where there can. */
    public static String obstacle() throws IOException {
        if (!Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0)) {
            return "only root may make a network namespace";
        }
        if (!Files.isReadable(Path.of("/dev/net/tun"))) {
            return "there is no /dev/net/tun";
        }
        return Runtime.version().feature() < 22 ? "it needs Java 22 or newer" : "";
    }

    /** How many Mbit/s pass from now on, in each direction. */
    public void rate(int megabits) {
        there.rate(megabits * 1e6);
        back.rate(megabits * 1e6);
    }

    /** A command that runs on the far side what comes after it. */
    public List<String> onTheFarSide() {
        return List.of("ip", "netns", "exec", namespace);
    }

    /** What has gone over the link in both directions, in bytes of IP packets. */
    public long bytes() {
        return there.bytes() + back.bytes();
    }

    @Override
    public void close() {
        // The devices go with their descriptors; their threads are daemons that find them gone.
        near.close();
        far.close();
        try {
            ip("netns", "del", namespace);
        } catch (IOException e) {
            System.err.println("walrelay: " + e.getMessage());
        }
    }

    private static void ip(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", command) + ": " + said.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
