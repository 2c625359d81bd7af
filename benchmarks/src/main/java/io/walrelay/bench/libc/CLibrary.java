package io.walrelay.bench.libc;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.reflect.Array;
import java.util.Optional;

/**
 * A little of the C library: for tun devices, and for the CPU clocks of processes. The foreign function API is reached
 * by reflection because it is a preview in Java 21, for which this is compiled. Memory is given by its address.
 */
public final class CLibrary {
    /** {@code ioctl(2)}: the last argument is variadic. */
    public interface Control {
        /** Negative where it fails. */
        int call(int descriptor, long request, long argument);
    }

    /** {@code open(2)}. */
    public interface Open {
        /** The descriptor, or negative. */
        int call(long path, int flags);
    }

    /** {@code read(2)}, {@code write(2)}. */
    public interface Transfer {
        /** How many bytes, or negative. */
        long call(int descriptor, long memory, long length);
    }

    /** {@code close(2)}. */
    public interface Close {
        /** Negative where it fails. */
        int call(int descriptor);
    }

    /** {@code clock_gettime(2)}: into seconds and nanoseconds, of 64 bits each. */
    public interface ClockTime {
        /** Negative where it fails. */
        int call(int clock, long timespec);
    }

    private static final int NO_VARIADIC = -1;

    private final Object linker;
    private final Object library;

    /** Finds it; fails where Java is too old. */
    public CLibrary() throws IOException {
        try {
            Class<?> linkerType = foreign("Linker");
            linker = linkerType.getMethod("nativeLinker").invoke(null);
            library = linkerType.getMethod("defaultLookup").invoke(linker);
        } catch (ReflectiveOperationException e) {
            throw new IOException("this Java has no foreign function API: use version 22 or newer", e);
        }
    }

    /** open. */
    public Open open() throws IOException {
        return function(Open.class, "open", 1, int.class, long.class, int.class);
    }

    /** ioctl. */
    public Control ioctl() throws IOException {
        return function(Control.class, "ioctl", 2, int.class, int.class, long.class, long.class);
    }

    /** read. */
    public Transfer read() throws IOException {
        return function(Transfer.class, "read", NO_VARIADIC, long.class, int.class, long.class, long.class);
    }

    /** write. */
    public Transfer write() throws IOException {
        return function(Transfer.class, "write", NO_VARIADIC, long.class, int.class, long.class, long.class);
    }

    /** close. */
    public Close close() throws IOException {
        return function(Close.class, "close", NO_VARIADIC, int.class, int.class);
    }

    /** clock_gettime. */
    public ClockTime clockGettime() throws IOException {
        return function(ClockTime.class, "clock_gettime", NO_VARIADIC, int.class, int.class, long.class);
    }

    private <F> F function(Class<F> type, String name, int variadicFrom, Class<?> result, Class<?>... parameters)
            throws IOException {
        try {
            Class<?> layoutType = foreign("MemoryLayout");
            Object layouts = Array.newInstance(layoutType, parameters.length);
            for (int i = 0; i < parameters.length; i++) {
                Array.set(layouts, i, layout(parameters[i]));
            }
            Object descriptor = foreign("FunctionDescriptor")
                    .getMethod("of", layoutType, layouts.getClass())
                    .invoke(null, layout(result), layouts);
            Class<?> optionType = foreign("Linker$Option");
            Object options = Array.newInstance(optionType, variadicFrom == NO_VARIADIC ? 0 : 1);
            if (variadicFrom != NO_VARIADIC) {
                Array.set(
                        options,
                        0,
                        optionType.getMethod("firstVariadicArg", int.class).invoke(null, variadicFrom));
            }
            Object symbol =
                    foreign("SymbolLookup").getMethod("find", String.class).invoke(library, name);
            Object handle = foreign("Linker")
                    .getMethod(
                            "downcallHandle",
                            foreign("MemorySegment"),
                            foreign("FunctionDescriptor"),
                            options.getClass())
                    .invoke(linker, ((Optional<?>) symbol).orElseThrow(), descriptor, options);
            return MethodHandleProxies.asInterfaceInstance(type, (MethodHandle) handle);
        } catch (ReflectiveOperationException e) {
            throw new IOException("this Java cannot call " + name, e);
        }
    }

    private static Object layout(Class<?> type) throws ReflectiveOperationException {
        return foreign("ValueLayout")
                .getField(type == int.class ? "JAVA_INT" : "JAVA_LONG")
                .get(null);
    }

    private static Class<?> foreign(String name) throws ClassNotFoundException {
        return Class.forName("java.lang.foreign." + name);
    }
}
