package io.walrelay.bench.cases;

import io.walrelay.bench.figure.Recorder;
import io.walrelay.bench.stage.Place;
import io.walrelay.bench.stage.Workshop;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/** Something that is measured of the relay and of what would be run instead of it. */
public interface BenchCase {
    /** As it is called on the command line. */
    String name();

    /** What it measures, in a line. */
    String title();

    /** What a reader has to know of how it is measured, a sentence or two each. */
    List<String> notes(Scale scale);

    /** The file systems on which it is measured where the user names none. */
    List<Place> places() throws IOException;

    /**
     * Measures it.
     *
     * @param workshop an empty directory
     * @param says told what is being done
     */
    void run(Workshop workshop, Scale scale, Recorder recorder, Consumer<String> says) throws Exception;
}
