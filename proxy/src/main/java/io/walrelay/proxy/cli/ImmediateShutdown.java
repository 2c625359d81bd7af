package io.walrelay.proxy.cli;

import java.lang.invoke.MethodHandle;
import java.lang.reflect.Array;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SIGQUIT ends the process at once, with exit code 3, the number of the signal: a shutdown that nothing in the program
 * can hold up. What was acknowledged is on disk at every moment; the next start recovers.
 *
 * <p>The JVM keeps SIGQUIT for its thread dumps and gives it to no Java code, so the handler is the C library's
 * {@code _exit} itself, put in place by {@code signal}. The foreign function API is reached by reflection because it is
 * a preview in Java 21, for which this is compiled; where it is not there, SIGQUIT remains what it is to Java.
 *
 * <p>jcmd and its like send SIGQUIT to a JVM that does not listen for them yet. The launcher has it listen from the
 * start ({@code -XX:+StartAttachListener}), so that a look at the relay does not end it.
 */
final class ImmediateShutdown {
    private static final Logger LOG = LoggerFactory.getLogger(ImmediateShutdown.class);

    private static final int SIGQUIT = 3;

    private ImmediateShutdown() {}

    static void install() {
        try {
            signal();
        } catch (Throwable e) { // invokeWithArguments declares no less
            LOG.debug("SIGQUIT prints a thread dump: {}", e.toString());
        }
    }

    /** {@code signal(SIGQUIT, _exit)}. */
    private static void signal() throws Throwable {
        Class<?> linkerType = foreign("Linker");
        Class<?> layoutType = foreign("MemoryLayout");
        Class<?> descriptorType = foreign("FunctionDescriptor");
        Object linker = linkerType.getMethod("nativeLinker").invoke(null);
        Object library = linkerType.getMethod("defaultLookup").invoke(linker);
        Object address = foreign("ValueLayout").getField("ADDRESS").get(null);
        Object parameters = Array.newInstance(layoutType, 2);
        Array.set(parameters, 0, foreign("ValueLayout").getField("JAVA_INT").get(null));
        Array.set(parameters, 1, address);
        Object descriptor = descriptorType
                .getMethod("of", layoutType, parameters.getClass())
                .invoke(null, address, parameters);
        Object noOptions = Array.newInstance(foreign("Linker$Option"), 0);
        Object handle = linkerType
                .getMethod("downcallHandle", foreign("MemorySegment"), descriptorType, noOptions.getClass())
                .invoke(linker, symbol(library, "signal"), descriptor, noOptions);
        ((MethodHandle) handle).invokeWithArguments(SIGQUIT, symbol(library, "_exit"));
    }

    private static Object symbol(Object library, String name) throws ReflectiveOperationException {
        Object found = foreign("SymbolLookup").getMethod("find", String.class).invoke(library, name);
        return ((Optional<?>) found).orElseThrow();
    }

    private static Class<?> foreign(String name) throws ClassNotFoundException {
        return Class.forName("java.lang.foreign." + name);
    }
}
