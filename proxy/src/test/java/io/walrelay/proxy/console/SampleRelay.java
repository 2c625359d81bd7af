package io.walrelay.proxy.console;

import io.walrelay.proxy.console.state.BackendState;
import io.walrelay.proxy.console.state.CompressionState;
import io.walrelay.proxy.console.state.Degradation;
import io.walrelay.proxy.console.state.DiskState;
import io.walrelay.proxy.console.state.FileSetting;
import io.walrelay.proxy.console.state.HbaLine;
import io.walrelay.proxy.console.state.HoldState;
import io.walrelay.proxy.console.state.ReceiverState;
import io.walrelay.proxy.console.state.RelayControl;
import io.walrelay.proxy.console.state.RelayEvent;
import io.walrelay.proxy.console.state.RelayState;
import io.walrelay.proxy.console.state.RoleState;
import io.walrelay.proxy.console.state.SenderState;
import io.walrelay.proxy.console.state.SettingState;
import io.walrelay.proxy.console.state.SlotState;
import io.walrelay.proxy.console.state.SynchronousState;
import io.walrelay.proxy.console.state.UpstreamHost;
import io.walrelay.proxy.console.state.WalState;
import io.walrelay.replication.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** A relay with two standbys, one slot, and a memory of what it was asked to do. */
final class SampleRelay implements RelayState, RelayControl {
    static final Instant STARTED = Instant.parse("2026-01-02T03:04:05Z");

    private final int major;
    final List<String> asked = new ArrayList<>();
    Lsn flushed = Lsn.parse("0/3000060");

    SampleRelay(int major) {
        this.major = major;
    }

    @Override
    public Instant started() {
        return STARTED;
    }

    @Override
    public Instant configurationLoaded() {
        return STARTED.plusSeconds(60);
    }

    @Override
    public String serverVersion() {
        return major + ".3";
    }

    @Override
    public int major() {
        return major;
    }

    @Override
    public Optional<WalState> wal() {
        return Optional.of(new WalState(
                "7300000000000000001",
                16 << 20,
                2,
                Lsn.parse("0/1000000"),
                Lsn.parse("0/3000100"),
                flushed,
                Optional.empty(),
                List.of(new WalState.Ancestor(1, Lsn.parse("0/2000000"), "no recovery target specified"))));
    }

    @Override
    public Optional<ReceiverState> receiver() {
        return Optional.of(new ReceiverState(
                "streaming",
                Lsn.parse("0/1000000"),
                1,
                Lsn.parse("0/3000100"),
                flushed,
                2,
                Optional.of(STARTED),
                Optional.of(STARTED),
                Lsn.parse("0/3000060"),
                Optional.of(STARTED),
                Optional.of("relay"),
                "primary",
                5432,
                "host=primary user=walrelay"));
    }

    @Override
    public List<UpstreamHost> upstreams() {
        return List.of(new UpstreamHost("primary", 5432, true, false), new UpstreamHost("other", 5433, false, false));
    }

    private SenderState sender(int pid, String sent, String replay) {
        return new SenderState(
                pid,
                "streaming",
                Optional.of(Lsn.parse(sent)),
                Optional.of(Lsn.parse(sent)),
                Optional.of(Lsn.parse(sent)),
                Optional.of(Lsn.parse(replay)),
                Optional.of(Duration.ofMillis(1)),
                Optional.of(Duration.ofMillis(1500)),
                Optional.empty(),
                0,
                "async",
                Optional.of(STARTED),
                Optional.empty(),
                false);
    }

    @Override
    public List<SenderState> senders() {
        return List.of(sender(101, "0/3000060", "0/3000000"), sender(102, "0/2FFFFF8", "0/1000000"));
    }

    @Override
    public Optional<SynchronousState> synchronous() {
        return Optional.of(new SynchronousState(
                "FIRST 1 (standby1, standby2)",
                Optional.of("FIRST"),
                1,
                "all",
                "degraded",
                Optional.of(STARTED),
                Optional.of("the synchronous standbys have not flushed"),
                Optional.of(Lsn.parse("0/3000060")),
                Optional.of(Lsn.parse("0/3000000")),
                Optional.empty(),
                Optional.empty()));
    }

    @Override
    public List<Degradation> degradations() {
        return List.of(
                new Degradation(
                        STARTED.minusSeconds(60),
                        Optional.of(STARTED.minusSeconds(50)),
                        "overdue",
                        Optional.empty(),
                        "a"),
                new Degradation(STARTED, Optional.empty(), "degraded", Optional.of(Lsn.parse("0/3000000")), "b"));
    }

    @Override
    public List<RelayEvent> events() {
        return List.of(
                new RelayEvent(STARTED, "walreceiver", "LOG", "receiving of WAL is paused", Optional.empty()),
                new RelayEvent(STARTED, "session", "LOG", "from 10.0.0.1", Optional.empty()));
    }

    @Override
    public List<SlotState> slots() {
        return List.of(new SlotState(
                "standby1",
                false,
                101,
                OptionalLong.of(4_000_000_000L),
                OptionalLong.of(731),
                Optional.of(Lsn.parse("0/2000000")),
                Optional.empty(),
                Optional.of("reserved"),
                OptionalLong.empty(),
                Optional.empty()));
    }

    private static BackendState backend(int pid, String type, String user, String name) {
        return new BackendState(
                pid,
                type,
                Optional.of(user),
                Optional.empty(),
                name,
                Optional.of("10.0.0." + pid % 100),
                40_000 + pid,
                STARTED,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                "active",
                "START_REPLICATION",
                Optional.empty());
    }

    @Override
    public List<BackendState> backends() {
        return List.of(
                backend(101, "walsender", "replicator", "standby1"),
                backend(102, "walsender", "replicator", "standby2"),
                backend(200, "client backend", "monitor", "psql"));
    }

    @Override
    public List<SettingState> settings() {
        return List.of(new SettingState(
                "max_wal_senders",
                "10",
                Optional.empty(),
                "Replication",
                "Sets the maximum number of simultaneously running WAL sender processes.",
                "postmaster",
                "integer",
                "default",
                Optional.of("0"),
                Optional.of("262143"),
                List.of(),
                "10",
                Optional.empty(),
                0,
                false,
                "10"));
    }

    @Override
    public List<FileSetting> fileSettings() {
        return List.of(new FileSetting(
                Optional.of("/etc/walrelay.conf"),
                3,
                1,
                Optional.of("port"),
                Optional.of("5433"),
                true,
                Optional.empty()));
    }

    @Override
    public List<HbaLine> hbaLines() {
        return List.of(new HbaLine(
                "/etc/pg_hba.conf",
                1,
                Optional.of("host"),
                List.of("replication", "all"),
                List.of("all"),
                Optional.of("127.0.0.1"),
                Optional.of("255.255.255.255"),
                Optional.of("trust"),
                List.of(),
                Optional.empty()));
    }

    @Override
    public List<RoleState> roles() {
        return List.of(
                new RoleState("admin", true), new RoleState("monitor", false), new RoleState("replicator", false));
    }

    @Override
    public List<HoldState> holds() {
        return List.of(
                new HoldState("replication slot \"standby1\"", Lsn.parse("0/2000000")),
                new HoldState("wal_keep_size", Lsn.parse("0/2800000")));
    }

    @Override
    public List<CompressionState> compression() {
        return List.of(
                new CompressionState(4242, "walreceiver", Optional.empty(), "zstd", 0, 0, 0, 0),
                new CompressionState(101, "walsender", Optional.of("s1"), "zstd", 3, 4000, 1000, 2_500_000));
    }

    @Override
    public Optional<DiskState> disk() {
        return Optional.of(new DiskState(48 << 20, -1, 1L << 34, 64 << 20, Optional.empty()));
    }

    @Override
    public boolean exists(int pid) {
        return pid == 101 || pid == 102 || pid == 200;
    }

    @Override
    public boolean cancel(int pid) {
        return asked.add("cancel " + pid) && pid == 101;
    }

    @Override
    public boolean terminate(int pid) {
        return asked.add("terminate " + pid) && pid == 101;
    }

    @Override
    public void reload() {
        asked.add("reload");
    }

    @Override
    public SlotState createSlot(String name, boolean reserveWal, boolean temporary, int pid) {
        asked.add("create " + name + " " + reserveWal + " " + temporary);
        return new SlotState(
                name,
                temporary,
                0,
                OptionalLong.empty(),
                OptionalLong.empty(),
                reserveWal ? Optional.of(Lsn.parse("0/3000000")) : Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                OptionalLong.empty(),
                Optional.empty());
    }

    @Override
    public void dropSlot(String name, int pid) {
        asked.add("drop " + name);
    }

    @Override
    public void dropTemporarySlots(int pid) {}

    @Override
    public Lsn advanceSlot(String name, Lsn target, int pid) {
        asked.add("advance " + name + " " + target);
        return target;
    }

    @Override
    public boolean pauseUpstream() {
        return asked.add("pause upstream");
    }

    @Override
    public boolean resumeUpstream() {
        return asked.add("resume upstream");
    }

    @Override
    public boolean pauseSender(int pid) {
        return asked.add("pause " + pid);
    }

    @Override
    public boolean resumeSender(int pid) {
        return asked.add("resume " + pid);
    }

    @Override
    public boolean endSender(int pid) {
        return asked.add("end " + pid);
    }
}
