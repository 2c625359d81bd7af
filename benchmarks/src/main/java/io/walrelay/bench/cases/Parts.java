package io.walrelay.bench.cases;

import io.walrelay.bench.figure.Recorder;
import io.walrelay.bench.figure.Series;
import io.walrelay.bench.micro.Micro;
import io.walrelay.bench.stage.Place;
import io.walrelay.bench.stage.Primary;
import io.walrelay.bench.stage.Wal;
import io.walrelay.bench.stage.Workshop;
import io.walrelay.replication.WalSegmentSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The parts of the relay that each byte goes through, one by one, with JMH. */
public final class Parts implements BenchCase {
    @Override
    public String name() {
        return "parts";
    }

    @Override
    public String title() {
        return "codec, stream checker, writer and sender of the relay by themselves, with JMH";
    }

    @Override
    public List<String> notes(Scale scale) {
        return List.of(
                "Each runs on one thread, warm, in a JVM with the relay's heap and collector; the writer's flushes are on"
                        + " another. The checker's and the sender's WAL is a segment like"
                        + " those of ingest. The samples are JMH's iterations of a second.",
                "\"decode\" takes messages of WAL out of what a socket brings, and \"report\" makes a status update for each"
                        + " such message. \"send\" is a walsender whose socket takes all at once: messages of 1024 bytes are"
                        + " read from the page cache and copied behind their header; of messages of 131072 bytes only the"
                        + " header is made, for the kernel sends the rest, which is not in the figure.");
    }

    @Override
    public List<Place> places() throws IOException {
        return Place.memoryFirst();
    }

    @Override
    public void run(Workshop workshop, Scale scale, Recorder recorder, Consumer<String> says) throws Exception {
        says.accept("writing a segment of WAL");
        Primary primary = Primary.start(workshop, Map.of("fsync", "off"));
        Wal wal = primary.write(2L * WalSegmentSize.DEFAULT.bytes());
        String name = Wal.fileAt(wal.start());
        Path directory = Files.createDirectory(workshop.newPath("parts"));
        Path segment = Files.copy(primary.cluster().data().resolve("pg_wal").resolve(name), directory.resolve(name));
        says.accept("running JMH");
        for (Micro.Rate rate : Micro.run(segment, scale.pairs())) {
            rate.rates().forEach(one -> recorder.add(rate.name(), "rate", "MB/s", Series.RELAY, one));
        }
    }
}
