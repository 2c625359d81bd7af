package io.walrelay.proxy.console.state;

/** A host of primary_conninfo; {@code streaming}: WAL comes from it now. */
public record UpstreamHost(String host, int port, boolean streaming, boolean paused) {}
