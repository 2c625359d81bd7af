package io.walrelay.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class StartedTest {
    private final List<String> stopped = new ArrayList<>();
    private final Started started = new Started();

    @BeforeEach
    void start() {
        started.add("lock", () -> stopped.add("lock"));
        started.add("disk", () -> {
            throw new IOException("disk is gone");
        });
        started.add("threads", () -> stopped.add("threads"));
        started.add("network", () -> {
            throw new IllegalStateException("network is gone");
        });
        started.add("listener", () -> stopped.add("listener"));
    }

    @Test
    void everythingIsStoppedInReverseWhateverFails() {
        assertThatThrownBy(started::stop)
                .isInstanceOf(IOException.class)
                .hasMessage("could not stop network properly: network is gone")
                .satisfies(failure -> assertThat(failure.getSuppressed())
                        .singleElement()
                        .extracting(Throwable::getMessage)
                        .isEqualTo("could not stop disk properly: disk is gone"));
        assertThat(stopped).containsExactly("listener", "threads", "lock");
    }

    @Test
    void failureOfTheStartIsToldWithWhatFailsBecauseOfIt() throws IOException {
        IOException failedStart = new IOException("could not create any TCP/IP sockets");

        started.stopAfter(failedStart);

        assertThat(failedStart.getSuppressed()).hasSize(1);
        assertThat(stopped).containsExactly("listener", "threads", "lock");
        // Nothing is left.
        started.stop();
    }
}
