package io.walrelay.proxy.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class RecentEventsTest {
    /** Kinds that no part of the program has. */
    private static final String ONE = "io.walrelay.proxy.testing.One";

    private static final String OTHER = "io.walrelay.proxy.otherwise.Other";

    private final RecentEvents events = RecentEvents.ofLog();

    @AfterEach
    void close() {
        events.close();
    }

    private List<RecentEvents.Event> of(String kind) {
        return events.recent().stream()
                .filter(event -> event.kind().equals(kind))
                .toList();
    }

    @Test
    void messagesFromLogOnAreKeptWithTheirDetail() {
        // When
        LoggerFactory.getLogger(ONE).debug("not this");
        LoggerFactory.getLogger(ONE).warn("{} of it\nDETAIL:  More.\nHINT:  Look.", "some");

        // Then
        assertThat(of("testing")).singleElement().satisfies(event -> {
            assertThat(event.severity()).isEqualTo("WARNING");
            assertThat(event.message()).isEqualTo("some of it");
            assertThat(event.detail()).isEqualTo(Optional.of("DETAIL:  More.\nHINT:  Look."));
        });
    }

    @Test
    void muchOfOneKindPushesOutTheOldestOfThatKindAlone() {
        // Given
        LoggerFactory.getLogger(OTHER).info("the only one");

        // When
        for (int i = 0; i < RecentEvents.KEPT + 10; i++) {
            LoggerFactory.getLogger(ONE).info("{} {}", i, "x".repeat(10_000));
        }

        // Then
        assertThat(of("testing"))
                .hasSize(RecentEvents.KEPT)
                .allSatisfy(event -> assertThat(event.message()).hasSize(RecentEvents.LONGEST + "...".length()));
        assertThat(of("testing").getFirst().message()).startsWith("10 ");
        assertThat(of("otherwise")).hasSize(1);
    }

    @Test
    void whatClientsAskForIsNotKept() {
        // When
        LoggerFactory.getLogger("io.walrelay.proxy.session.CommandExecution").info("received replication command: x");

        // Then
        assertThat(of("session")).noneMatch(event -> event.message().startsWith("received replication command: x"));
    }

    @Test
    void nothingIsKeptAfterTheEnd() {
        // When
        events.close();
        LoggerFactory.getLogger(ONE).info("late");

        // Then
        assertThat(of("testing")).isEmpty();
    }
}
