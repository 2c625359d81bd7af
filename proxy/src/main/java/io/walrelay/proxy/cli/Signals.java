package io.walrelay.proxy.cli;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.function.Consumer;

/** The signals of a server: SIGHUP reloads, SIGTERM and SIGINT stop, a second one of them ends the process at once.
 *
 * <p>sun.misc.Signal, of the supported module jdk.unsupported, is the only way that the JDK has to hear SIGHUP without
 * ending, and to end with exit code 0 on SIGTERM: a shutdown hook can do neither. It is reached by reflection because
 * javac warns of every mention of it and has no switch for that warning alone.
 */
final class Signals {
    private static final Map<String, Integer> NUMBERS = Map.of("TERM", 15, "INT", 2);

    private final Runnable reload;
    private final Consumer<String> stop;
    private boolean stopping;

    private Signals(Runnable reload, Consumer<String> stop) {
        this.reload = reload;
        this.stop = stop;
    }

    /** Takes the signals over, for as long as the process lives.
     *
     * @param stop is given the name of the signal; called once
     */
    static void install(Runnable reload, Consumer<String> stop) {
        Signals signals = new Signals(reload, stop);
        for (String name : new String[] {"HUP", "TERM", "INT"}) {
            handle(name, signals::received);
        }
    }

    private void received(String name) {
        if (name.equals("HUP")) {
            reload.run();
            return;
        }
        synchronized (this) {
            if (stopping) {
                Runtime.getRuntime().halt(128 + NUMBERS.getOrDefault(name, 0));
            }
            stopping = true;
        }
        stop.accept("SIG" + name);
    }

    private static void handle(String name, Consumer<String> received) {
        try {
            Class<?> signalType = Class.forName("sun.misc.Signal");
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            Consumer<Object> receiver = signal -> received.accept(name);
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
