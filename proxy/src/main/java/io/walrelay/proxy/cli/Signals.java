package io.walrelay.proxy.cli;

import io.walrelay.proxy.session.ShutdownMode;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The signals of a server: SIGHUP reloads, SIGTERM asks for a smart shutdown, SIGINT for a fast one, and a later signal
 * goes further than the one before. Mirrors {@code process_pm_shutdown_request} of PostgreSQL's {@code postmaster.c};
 * SIGQUIT is {@link ImmediateShutdown}.
 *
 * <p>sun.misc.Signal, of the supported module jdk.unsupported, is the only way that the JDK has to hear SIGHUP without
 * ending, and to end with exit code 0 on SIGTERM: a shutdown hook can do neither. It is reached by reflection because
 * javac warns of every mention of it and has no switch for that warning alone.
 */
final class Signals {
    private final Consumer<ShutdownMode> stop;
    private Optional<ShutdownMode> stopping = Optional.empty();

    private Signals(Consumer<ShutdownMode> stop) {
        this.stop = stop;
    }

    /**
     * Takes the signals over, for as long as the process lives.
     *
     * @param stop is called once for each mode, further ones while an earlier call has not returned
     */
    static void install(Runnable reload, Consumer<ShutdownMode> stop) {
        Signals signals = new Signals(stop);
        handle("HUP", reload);
        handle("TERM", () -> signals.request(ShutdownMode.SMART));
        handle("INT", signals::interrupt);
    }

    /** Unless such a shutdown, or one that goes further, is under way. */
    private void request(ShutdownMode mode) {
        synchronized (this) {
            if (stopping.isPresent() && stopping.get().compareTo(mode) >= 0) {
                return;
            }
            stopping = Optional.of(mode);
        }
        stop.accept(mode);
    }

    private void interrupt() {
        boolean again;
        synchronized (this) {
            again = stopping.equals(Optional.of(ShutdownMode.FAST));
        }
        request(again ? ShutdownMode.WITHOUT_CLIENTS : ShutdownMode.FAST);
    }

    private static void handle(String name, Runnable received) {
        try {
            Class<?> signalType = Class.forName("sun.misc.Signal");
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            Consumer<Object> receiver = signal -> received.run();
            MethodHandle target =
                    MethodHandles.lookup().bind(receiver, "accept", MethodType.methodType(void.class, Object.class));
            Object handler = MethodHandleProxies.asInterfaceInstance(handlerType, target);
            Method handle = signalType.getMethod("handle", signalType, handlerType);
            handle.invoke(null, signalType.getConstructor(String.class).newInstance(name), handler);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this JVM cannot handle SIG" + name, e);
        }
    }
}
