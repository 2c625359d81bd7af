package io.walrelay.it.support;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;

/** Says in the build's output which test was skipped, and why: the build itself prints but their number. */
public final class SkippedTests implements TestWatcher {
    @Override
    public void testAborted(ExtensionContext context, @Nullable Throwable cause) {
        String test = context.getRequiredTestClass().getSimpleName() + "." + context.getDisplayName();
        System.out.println("skipped " + test + ": " + (cause == null ? "aborted" : cause.getMessage()));
    }
}
