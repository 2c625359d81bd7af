package io.walrelay.wire.compression;

import com.github.luben.zstd.util.Native;
import java.util.Optional;

/** Zstd's native library, which is unpacked to {@code java.io.tmpdir} and loaded when somebody first asks for it. */
public final class ZstdLibrary {
    private ZstdLibrary() {}

    /** Loads it once, whoever asks first. */
    private static final class Loading {
        static final Optional<String> PROBLEM = load();

        private static Optional<String> load() {
            try {
                Native.load();
                return Optional.empty();
            } catch (LinkageError unusable) {
                return Optional.of(String.valueOf(unusable.getMessage()));
            }
        }
    }

    /** Why there is no compression on this machine; empty if there is. */
    public static Optional<String> problem() {
        return Loading.PROBLEM;
    }
}
