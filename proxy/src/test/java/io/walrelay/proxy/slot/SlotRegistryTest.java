package io.walrelay.proxy.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walrelay.proxy.fixture.WatchedStorage;
import io.walrelay.proxy.wal.Retention;
import io.walrelay.replication.Lsn;
import io.walrelay.wire.error.PgException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SlotRegistryTest {
    private static final Lsn POSITION = Lsn.parse("1/80000000");
    private static final int MINE = 11;
    private static final int OTHER = 22;

    @TempDir
    private Path directory;

    private final WatchedStorage storage = new WatchedStorage();
    private final Deque<Runnable> disk = new ArrayDeque<>();

    private SlotRegistry load(int max) throws IOException {
        return SlotRegistry.load(storage, directory, disk::add, max);
    }

    private void runDisk() {
        for (Runnable task = disk.poll(); task != null; task = disk.poll()) {
            task.run();
        }
    }

    private <T> T done(CompletableFuture<T> work) {
        runDisk();
        assertThat(work).isDone();
        return work.join();
    }

    private void assertRefused(CompletableFuture<?> work, String sqlState, String message) {
        runDisk();
        assertThat(work).isDone();
        assertRefused(work::join, sqlState, message);
    }

    private static void assertRefused(ThrowingCallable action, String sqlState, String message) {
        assertThatThrownBy(action)
                .extracting(failure -> failure instanceof CompletionException ? failure.getCause() : failure)
                .isInstanceOfSatisfying(PgException.class, refused -> {
                    assertThat(refused.sqlState().code()).isEqualTo(sqlState);
                    assertThat(refused.message()).isEqualTo(message);
                });
    }

    private Path state(String slot) {
        return directory.resolve("pg_replslot").resolve(slot).resolve("state");
    }

    @Test
    void aNewSlotIsDurableWhenItsCreationIsTold() throws Exception {
        // Given
        SlotRegistry slots = load(10);
        storage.forget();

        // When
        CompletableFuture<ReplicationSlot> creation = slots.create("a", false, POSITION, MINE);

        // Then
        assertThat(creation).isNotDone();
        assertThat(done(creation).restartLsn()).isEqualTo(POSITION);
        assertThat(storage.operations())
                .containsExactly(
                        "create directory a.tmp",
                        "create state.tmp",
                        "write state.tmp",
                        "sync state.tmp",
                        "rename state.tmp to state",
                        "sync directory a.tmp",
                        "rename a.tmp to a",
                        "sync directory pg_replslot");
        assertThat(load(10).find("a")).hasValueSatisfying(slot -> {
            assertThat(slot.restartLsn()).isEqualTo(POSITION);
            assertThat(slot.temporary()).isFalse();
        });
    }

    @Test
    void aSlotWithoutReservedWalKeepsNoneUntilItIsAdvanced() throws Exception {
        // Given
        SlotRegistry slots = load(10);
        ReplicationSlot slot = done(slots.create("a", false, Lsn.INVALID, MINE));

        // When, Then
        assertThat(slot.restartLsn().isValid()).isFalse();
        slot.advance(POSITION);
        assertThat(slot.restartLsn()).isEqualTo(POSITION);
    }

    @Test
    void aNameIsTakenFromTheMomentItsCreationIsAskedFor() throws Exception {
        // Given
        SlotRegistry slots = load(10);
        CompletableFuture<ReplicationSlot> first = slots.create("a", false, POSITION, MINE);

        // When
        CompletableFuture<ReplicationSlot> second = slots.create("a", true, POSITION, OTHER);

        // Then
        assertRefused(second, "42710", "replication slot \"a\" already exists");
        assertThat(done(first).name()).isEqualTo("a");
    }

    @Test
    void noSlotIsCreatedBeyondTheLimit() throws Exception {
        // Given
        SlotRegistry slots = load(1);
        done(slots.create("a", true, POSITION, MINE));

        // When, Then
        assertRefused(slots.create("b", false, POSITION, MINE), "53400", "all replication slots are in use");
        assertThat(slots.all()).hasSize(1);
    }

    @Test
    void aSlotThatCannotBeSavedIsNotThere() throws Exception {
        // Given
        SlotRegistry slots = load(10);
        storage.fail("sync state.tmp");

        // When
        CompletableFuture<ReplicationSlot> creation = slots.create("a", false, POSITION, MINE);

        // Then
        assertRefused(creation, "58030", "could not create replication slot \"a\": No space left on device");
        assertThat(slots.find("a")).isEmpty();
        storage.repair();
        assertThat(done(slots.create("a", false, POSITION, OTHER)).name()).isEqualTo("a");
    }

    @Test
    void aSlotIsActiveForOneSessionAtATime() throws Exception {
        // Given
        SlotRegistry slots = load(10);
        ReplicationSlot slot = done(slots.create("a", false, POSITION, MINE));

        // When
        slots.acquire("a", OTHER);

        // Then
        assertRefused(() -> slots.acquire("a", MINE), "55006", "replication slot \"a\" is active for PID 22");
        assertRefused(slots.drop("a", false, MINE), "55006", "replication slot \"a\" is active for PID 22");
        slots.release(slot);
        assertThat(slots.acquire("a", MINE)).isSameAs(slot);
    }

    @Test
    void aMissingSlotIsNeitherAcquiredNorDropped() throws Exception {
        SlotRegistry slots = load(10);

        assertRefused(() -> slots.acquire("a", MINE), "42704", "replication slot \"a\" does not exist");
        assertRefused(slots.drop("a", true, MINE), "42704", "replication slot \"a\" does not exist");
    }

    @Test
    void aTemporarySlotBelongsToItsSessionAndEndsWithIt() throws Exception {
        // Given
        SlotRegistry slots = load(10);
        ReplicationSlot slot = done(slots.create("a", true, POSITION, MINE));
        done(slots.create("b", true, POSITION, OTHER));
        slots.acquire("a", MINE);
        slots.release(slot);
        assertRefused(() -> slots.acquire("a", OTHER), "55006", "replication slot \"a\" is active for PID 11");

        // When
        slots.dropTemporary(MINE);

        // Then
        assertThat(slots.all()).extracting(ReplicationSlot::name).containsExactly("b");
        assertThat(storage.list(directory.resolve("pg_replslot"))).isEmpty();
    }

    @Test
    void aDroppedSlotIsGoneForGood() throws Exception {
        // Given
        SlotRegistry slots = load(10);
        done(slots.create("a", false, POSITION, MINE));
        storage.forget();

        // When
        done(slots.drop("a", false, OTHER));

        // Then
        assertThat(storage.operations()).containsExactly("rename a to a.tmp", "sync directory pg_replslot");
        assertThat(slots.find("a")).isEmpty();
        assertThat(load(10).all()).isEmpty();
        assertThat(storage.list(directory.resolve("pg_replslot"))).isEmpty();
    }

    @Test
    void aSlotThatCannotBeDroppedCanBeUsedAgain() throws Exception {
        // Given
        SlotRegistry slots = load(10);
        done(slots.create("a", false, POSITION, MINE));
        storage.fail("rename a ");

        // When
        assertRefused(
                slots.drop("a", false, MINE),
                "58030",
                "could not drop replication slot \"a\": No space left on device");

        // Then
        assertThat(slots.acquire("a", OTHER).restartLsn()).isEqualTo(POSITION);
    }

    @Test
    void droppingWaitsUntilTheSlotIsReleased() throws Exception {
        // Given
        SlotRegistry slots = load(10);
        done(slots.create("a", false, POSITION, MINE));
        ReplicationSlot slot = slots.acquire("a", OTHER);
        CompletableFuture<Void> drop = slots.drop("a", true, MINE);
        runDisk();
        assertThat(drop).isNotDone();

        // When
        slots.release(slot);
        done(drop);

        // Then
        assertThat(slots.find("a")).isEmpty();
    }

    @Test
    void nothingIsDroppedForASessionThatNoLongerWaits() throws Exception {
        // Given
        SlotRegistry slots = load(10);
        done(slots.create("a", false, POSITION, MINE));
        ReplicationSlot slot = slots.acquire("a", OTHER);
        CompletableFuture<Void> drop = slots.drop("a", true, MINE);

        // When: its command was canceled, or it is gone
        slots.dropTemporary(MINE);
        slots.release(slot);

        // Then
        assertRefused(drop, "57014", "canceling statement due to user request");
        assertThat(slots.find("a")).contains(slot);
    }

    @Test
    void positionsThatHaveMovedAreSavedAndReadAgain() throws Exception {
        // Given
        SlotRegistry slots = load(10);
        ReplicationSlot moved = done(slots.create("a", false, POSITION, MINE));
        done(slots.create("b", false, POSITION, MINE));
        moved.advance(POSITION.plus(100));
        storage.forget();

        // When
        slots.saveMoved();
        slots.saveMoved();

        // Then
        assertThat(storage.operations(operation -> operation.startsWith("rename")))
                .hasSize(1);
        SlotRegistry again = load(10);
        assertThat(again.find("a").map(ReplicationSlot::restartLsn)).contains(POSITION.plus(100));
        assertThat(again.find("b").map(ReplicationSlot::restartLsn)).contains(POSITION);
    }

    @Test
    void aPositionThatCouldNotBeSavedIsSavedLater() throws Exception {
        // Given
        SlotRegistry slots = load(10);
        ReplicationSlot slot = done(slots.create("a", false, POSITION, MINE));
        slot.advance(POSITION.plus(100));
        storage.fail("write state.tmp");
        slots.saveMoved();

        // When
        storage.repair();
        slots.saveMoved();

        // Then
        assertThat(load(10).find("a").map(ReplicationSlot::restartLsn)).contains(POSITION.plus(100));
    }

    @Test
    void aSlotNeverMovesBack() throws Exception {
        // Given
        ReplicationSlot slot = done(load(10).create("a", false, POSITION, MINE));

        // When
        slot.advance(POSITION.plus(-1));
        slot.advance(Lsn.parse("0/FFFFFFFF"));
        slot.advance(Lsn.INVALID);

        // Then
        assertThat(slot.restartLsn()).isEqualTo(POSITION);
    }

    @Test
    void whatACrashLeftHalfDoneIsRemoved() throws Exception {
        // Given
        done(load(10).create("a", false, POSITION, MINE));
        Path left = Files.createDirectory(directory.resolve("pg_replslot").resolve("b.tmp"));
        Files.createFile(left.resolve("state.tmp"));
        Files.createFile(state("a").resolveSibling("state.tmp"));

        // When
        SlotRegistry slots = load(10);

        // Then
        assertThat(slots.all()).extracting(ReplicationSlot::name).containsExactly("a");
        assertThat(left).doesNotExist();
    }

    @Test
    void aStrayFileIsNoSlot() throws Exception {
        // Given
        done(load(10).create("a", false, POSITION, MINE));
        Files.writeString(directory.resolve("pg_replslot").resolve("notes"), "of somebody");
        Files.writeString(directory.resolve("pg_replslot").resolve("notes.tmp"), "of somebody");

        // When
        SlotRegistry slots = load(10);

        // Then
        assertThat(slots.all()).extracting(ReplicationSlot::name).containsExactly("a");
    }

    @Test
    void aSlotIsNotReservedWhereWalIsGoneMeanwhile() throws Exception {
        // Given
        Deque<Lsn> answers =
                new ArrayDeque<>(List.of(POSITION, POSITION.plus(100), POSITION.plus(100), POSITION.plus(100)));

        // When
        ReplicationSlot slot = done(load(10).create("a", false, answers::remove, MINE));

        // Then
        assertThat(slot.restartLsn()).isEqualTo(POSITION.plus(100));
        assertThat(load(10).find("a").orElseThrow().restartLsn()).isEqualTo(POSITION.plus(100));
    }

    @Test
    void aSlotThatIsInvalidatedUnderItsSessionStaysSoUntilAnotherHasIt() throws Exception {
        // Given
        SlotRegistry slots = load(10);
        ReplicationSlot slot = done(slots.create("a", false, POSITION, MINE));
        slots.acquire("a", MINE);

        // When
        slots.invalidateObsolete(POSITION.plus(1), Duration.ZERO);
        slot.advance(POSITION.plus(2));

        // Then
        assertThat(slot.restartLsn()).isEqualTo(Lsn.INVALID);
        assertThat(slot.invalidation()).contains(SlotInvalidation.WAL_REMOVED);
        slots.release(slot);
        slots.acquire("a", OTHER).advance(POSITION.plus(3));
        assertThat(slot.restartLsn()).isEqualTo(POSITION.plus(3));
    }

    @Test
    void aDamagedSlotIsAnError() throws Exception {
        // Given
        done(load(10).create("a", false, POSITION, MINE));
        byte[] bytes = Files.readAllBytes(state("a"));
        bytes[9] ^= 1;
        Files.write(state("a"), bytes);

        // When, Then
        assertThatThrownBy(() -> load(10))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is damaged: incorrect checksum");
    }

    @Test
    void moreSlotsThanAllowedAreAnError() throws Exception {
        // Given
        SlotRegistry slots = load(2);
        done(slots.create("a", false, POSITION, MINE));
        done(slots.create("b", false, POSITION, MINE));

        // When, Then
        assertThatThrownBy(() -> load(1))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("too many replication slots active before shutdown");
    }

    @Test
    void aSlotHoldsWalFromItsRestartLsnAndNoMoreThanTheLimit() throws IOException {
        SlotRegistry registry = load(3);
        create(registry, "near", POSITION.plus(-1000));
        create(registry, "far", POSITION.plus(-9000));
        create(registry, "none", Lsn.INVALID);

        assertThat(registry.holds(POSITION, -1))
                .extracting(Retention.Hold::from)
                .containsExactlyInAnyOrder(POSITION.plus(-1000), POSITION.plus(-9000));
        assertThat(registry.holds(POSITION, 5000))
                .extracting(Retention.Hold::from)
                .containsExactlyInAnyOrder(POSITION.plus(-1000), POSITION.plus(-5000));
    }

    @Test
    void aSlotBehindTheHorizonIsInvalidatedAndComesBackAsSuchAfterARestart() throws IOException {
        // Given
        SlotRegistry registry = load(2);
        create(registry, "near", POSITION);
        create(registry, "far", POSITION.plus(-9000));
        ReplicationSlot far = registry.acquire("far", OTHER);

        // When
        List<ReplicationSlot> active = registry.invalidateObsolete(POSITION.plus(-5000), Duration.ZERO);

        // Then
        assertThat(active).containsExactly(far);
        assertThat(far.restartLsn()).isEqualTo(Lsn.INVALID);
        assertThat(registry.find("near").orElseThrow().invalidation()).isEmpty();
        registry.saveMoved();
        assertThat(load(2).find("far").orElseThrow().invalidation()).contains(SlotInvalidation.WAL_REMOVED);
    }

    @Test
    void anInvalidatedSlotKeepsWalAgainOnceItsClientIsBackAndReports() throws IOException {
        SlotRegistry registry = load(1);
        create(registry, "s", POSITION.plus(-9000));
        ReplicationSlot slot = registry.acquire("s", MINE);
        assertThat(registry.invalidateObsolete(POSITION, Duration.ZERO)).containsExactly(slot);
        // That session is ended; its client comes back.
        registry.release(slot);

        registry.acquire("s", OTHER).advance(POSITION);

        assertThat(slot.invalidation()).isEmpty();
        assertThat(slot.restartLsn()).isEqualTo(POSITION);
    }

    @Test
    void theSlotThatHoldsMostIsGivenUpFirst() throws IOException {
        SlotRegistry registry = load(2);
        create(registry, "near", POSITION);
        create(registry, "far", POSITION.plus(-9000));

        assertThat(registry.invalidateFurthestBehind())
                .map(ReplicationSlot::name)
                .contains("far");
        assertThat(registry.invalidateFurthestBehind())
                .map(ReplicationSlot::name)
                .contains("near");
        assertThat(registry.invalidateFurthestBehind()).isEmpty();
    }

    private void create(SlotRegistry registry, String name, Lsn restartLsn) {
        CompletableFuture<ReplicationSlot> created = registry.create(name, false, restartLsn, MINE);
        runDisk();
        assertThat(created).isCompleted();
    }
}
