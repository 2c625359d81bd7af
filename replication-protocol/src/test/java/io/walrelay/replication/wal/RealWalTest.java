package io.walrelay.replication.wal;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.SystemIdentifier;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.WalSegmentSize;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The first five pages of segments that servers of 10, 15 and 18 wrote: small records, one of 9 kB, then zeros. The
 * numbers expected are those of the server (flush position), of pg_waldump (15) and of pg_walinspect (18).
 */
class RealWalTest {
    record Server(WalFormat format, Lsn start, Lsn end, int records) {
        static Server of(WalPageMagic magic, String system, String start, String end, int records) {
            WalFormat format = new WalFormat(magic, WalSegmentSize.DEFAULT, SystemIdentifier.parse(system));
            return new Server(format, Lsn.parse(start), Lsn.parse(end), records);
        }

        WalStreamChecker checker() {
            return new WalStreamChecker(format, TimelineId.FIRST, start);
        }

        byte[] wal() throws IOException {
            try (InputStream file = Objects.requireNonNull(RealWalTest.class.getResourceAsStream(
                            "wal-" + format.magic().major() + ".gz"));
                    InputStream wal = new GZIPInputStream(file)) {
                return wal.readAllBytes();
            }
        }
    }

    static Stream<Server> servers() {
        return Stream.of(
                Server.of(WalPageMagic.PG10, "7710979826012834312", "0/41000000", "0/41007938", 356),
                Server.of(WalPageMagic.PG15, "7710979859003902794", "0/35000000", "0/35007940", 356),
                Server.of(WalPageMagic.PG18, "7710979886520187915", "0/35000000", "0/350079C0", 359));
    }

    @ParameterizedTest
    @MethodSource("servers")
    void findsEveryRecordAndTheEnd(Server server) throws IOException {
        // Given
        byte[] wal = server.wal();
        WalStreamChecker checker = server.checker();
        Optional<Lsn> latest = Optional.empty();
        int records = 0;

        // When
        for (int i = 0; i < server.end().minus(server.start()); i += WalFormat.ALIGNMENT) {
            checker.feed(Unpooled.wrappedBuffer(wal, i, WalFormat.ALIGNMENT));
            Optional<Lsn> incomplete = checker.incompleteRecord();
            if (incomplete.isPresent() && !incomplete.equals(latest)) {
                latest = incomplete;
                records++;
            }
        }

        // Then
        assertThat(records).isEqualTo(server.records());
        assertThat(checker.validatedEnd()).isEqualTo(server.end());
        EndOfWal found = find(server, wal);
        assertThat(found.validEnd()).isEqualTo(server.end());
        assertThat(found.reason())
                .isEqualTo("invalid record length at " + server.end() + ": expected at least 24, got 0");
    }

    @ParameterizedTest
    @MethodSource("servers")
    void findsTheSameEndInPiecesAsInPagesWhateverIsBroken(Server server) throws IOException {
        byte[] wal = server.wal();
        Random random = new Random(server.records());
        for (int i = 0; i < 500; i++) {
            // Given
            byte[] broken = wal.clone();
            int at = random.nextInt(broken.length);
            broken[at] ^= (byte) (1 << random.nextInt(8));

            // When
            EndOfWal inPages = find(server, broken);
            WalStreamChecker inPieces = server.checker();
            String reason = feedInPieces(inPieces, broken, random);

            // Then what is broken is never taken for valid
            assertThat(inPieces.validatedEnd()).as("bit at %d", at).isEqualTo(inPages.validEnd());
            assertThat(reason).as("bit at %d", at).isEqualTo(inPages.reason());
            boolean behindEnd = at >= server.end().minus(server.start());
            assertThat(behindEnd || inPages.validEnd().minus(server.start()) <= at || harmless(wal, at))
                    .as("bit at %d", at)
                    .isTrue();
        }
    }

    /** The bytes that nothing protects: those that align records, and in page headers padding and one flag. */
    private static boolean harmless(byte[] wal, int at) {
        int inPage = at % WalFormat.PAGE_SIZE;
        boolean flags = inPage == 2;
        return wal[at] == 0 || flags;
    }

    @Test
    void makesNoGarbage() throws IOException {
        // Given a direct buffer, as comes from a socket, but which the leak detector does not watch
        Server server = servers().toList().getLast();
        int length = (int) server.end().minus(server.start());
        ByteBuffer direct = ByteBuffer.allocateDirect(length).put(server.wal(), 0, length);
        ByteBuf wal = Unpooled.wrappedBuffer(direct.flip());
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        WalStreamChecker[] checkers = new WalStreamChecker[300];
        for (int i = 0; i < checkers.length; i++) {
            checkers[i] = server.checker();
        }
        long before = 0;

        // When
        for (int i = 0; i < checkers.length; i++) {
            before = i == 200 ? threads.getCurrentThreadAllocatedBytes() : before;
            checkers[i].feed(wal);
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        // Then 3 MB of WAL cost nothing, up to what the JVM itself may do meanwhile
        assertThat(allocated).isLessThan(10_000);
        assertThat(checkers[299].validatedEnd()).isEqualTo(server.end());
        assertThat(wal.release()).isTrue();
    }

    private static EndOfWal find(Server server, byte[] wal) {
        return EndOfWal.find(server.format(), TimelineId.FIRST, server.start(), (page, target) -> {
            int offset = (int) page.minus(server.start());
            if (offset < wal.length) {
                target.writeBytes(wal, offset, WalFormat.PAGE_SIZE);
            }
            return offset < wal.length;
        });
    }

    private static String feedInPieces(WalStreamChecker checker, byte[] wal, Random random) {
        try {
            int piece;
            for (int i = 0; i < wal.length; i += piece) {
                piece = Math.min(1 + random.nextInt(300), wal.length - i);
                checker.feed(Unpooled.wrappedBuffer(wal, i, piece));
            }
        } catch (WalFormatException e) {
            return e.message();
        }
        return "there is no WAL at " + checker.position();
    }
}
