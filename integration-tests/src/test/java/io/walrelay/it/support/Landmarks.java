package io.walrelay.it.support;

import io.walrelay.replication.Lsn;

/**
 * The positions that inputs are made of, the same on every node of a {@link Cascade}.
 *
 * @param position where the WAL ends now
 * @param segmentStart where the segment begins in which it ends
 * @param switchPoint where timeline 2 forked off timeline 1
 * @param switchSegment where the segment begins in which timeline 1 ended
 * @param historic the start of a segment of timeline 1 that every node still has
 */
public record Landmarks(Lsn position, Lsn segmentStart, Lsn switchPoint, Lsn switchSegment, Lsn historic) {}
