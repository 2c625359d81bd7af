package io.walrelay.proxy.console.engine;

import io.walrelay.proxy.console.ConsoleClient;
import io.walrelay.proxy.console.CpuMeter;
import io.walrelay.proxy.console.catalog.Catalog;
import io.walrelay.proxy.console.function.CallContext;
import io.walrelay.proxy.console.state.RelayControl;
import io.walrelay.proxy.console.state.RelayState;
import io.walrelay.proxy.console.translate.BoundBody;
import io.walrelay.proxy.console.type.PgTypes;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/** One statement that runs, and what its functions see. Belongs to the worker that runs it, but for {@link #stop}. */
final class Execution implements CallContext {
    private static final ThreadLocal<Execution> CURRENT = new ThreadLocal<>();

    /** How often its functions look at what it has used. */
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final SqlSession session;
    private final List<BoundBody> bodies;
    private final Instant started = Instant.now();
    private final List<PgException> notices = new ArrayList<>();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Optional<CpuMeter> meter = CpuMeter.ofThread();
    private long nextLook = System.nanoTime() + LOOK_NANOS;
    private volatile @Nullable PgException reason;

    Execution(SqlSession session, List<BoundBody> bodies) {
        this.session = session;
        this.bodies = bodies;
    }

    /** What runs on this thread. */
    static Execution current() {
        Execution execution = CURRENT.get();
        if (execution == null) {
            throw PgException.error(SqlState.INTERNAL_ERROR, "function called outside of a statement");
        }
        return execution;
    }

    void begin() {
        CURRENT.set(this);
    }

    void end() {
        CURRENT.remove();
    }

    /** Any thread: has it fail with this. The first reason counts. */
    synchronized void stop(PgException why) {
        if (reason == null) {
            reason = why;
            stopped.countDown();
        }
    }

    @Nullable
    PgException reason() {
        return reason;
    }

    List<PgException> notices() {
        return notices;
    }

    @Nullable
    Object call(int number, Value[] values) {
        BoundBody bound = bodies.get(number);
        checkCancelled();
        if (bound.admin() && !session.client().admin()) {
            throw PgException.error(SqlState.INSUFFICIENT_PRIVILEGE, "permission denied for function " + bound.name());
        }
        @Nullable Object[] arguments = new Object[values.length];
        for (int i = 0; i < values.length; i++) {
            arguments[i] = Values.fromEngine(values[i], bound.arguments().get(i));
            if (arguments[i] == null && bound.strict()) {
                return null;
            }
        }
        Object result;
        try {
            result = bound.body().call(this, arguments);
        } catch (ArithmeticException e) {
            throw PgException.error(SqlState.NUMERIC_VALUE_OUT_OF_RANGE, "value out of range")
                    .withCause(e);
        } catch (java.time.DateTimeException e) {
            throw PgException.error(SqlState.of("22008"), "timestamp out of range")
                    .withCause(e);
        }
        return bound.result().equals(PgTypes.RECORD) && result instanceof List<?> fields ? recordText(fields) : result;
    }

    private String recordText(List<?> fields) {
        StringBuilder text = new StringBuilder("(");
        for (Object field : fields) {
            text.append(text.length() > 1 ? "," : "").append(field == null ? "" : output().write(field));
        }
        return text.append(')').toString();
    }

    @Override
    public ConsoleClient client() {
        return session.client();
    }

    @Override
    public Catalog catalog() {
        return session.database().catalog();
    }

    @Override
    public RelayState relay() {
        return session.relay();
    }

    @Override
    public RelayControl control() {
        return session.control();
    }

    @Override
    public Instant transactionStart() {
        return session.transaction().started().orElse(started);
    }

    @Override
    public Instant statementStart() {
        return started;
    }

    @Override
    public ZoneId zone() {
        return session.zone();
    }

    /** That of the worker that runs it. */
    Optional<CpuMeter> meter() {
        return meter;
    }

    @Override
    public void checkCancelled() {
        if (System.nanoTime() - nextLook > 0) {
            long owed = meter.map(CpuMeter::owed).orElse(0L);
            if (owed > 0) {
                sleep(Duration.ofNanos(owed));
            }
            nextLook = System.nanoTime() + LOOK_NANOS;
        }
        PgException why = reason;
        if (why != null) {
            throw why;
        }
    }

    @Override
    public void sleep(Duration time) {
        try {
            PgException why = stopped.await(time.toNanos(), TimeUnit.NANOSECONDS) ? reason : null;
            if (why != null) {
                throw why;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw PgException.error(SqlState.QUERY_CANCELED, "canceling statement due to user request")
                    .withCause(e);
        }
    }

    @Override
    public void localSettings() {
        session.transaction().settingsAreLocal(session.client().settings());
    }

    @Override
    public void notice(PgException notice) {
        if (notices.size() < 100) {
            notices.add(notice);
        }
    }
}
