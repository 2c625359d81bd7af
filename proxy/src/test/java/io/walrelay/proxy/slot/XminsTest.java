package io.walrelay.proxy.slot;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class XminsTest {
    private static final long EPOCH = 1L << 32;

    @Test
    void feedbackIsATransactionWithItsEpoch() {
        assertThat(Xmins.NONE.said(700, 2, -5, 1)).isEqualTo(new Xmins(2 * EPOCH + 700, 2 * EPOCH - 5));
    }

    @Test
    void whatIsNoNormalTransactionIsNone() {
        for (int xid = 0; xid < 3; xid++) {
            assertThat(Xmins.NONE.said(xid, 7, xid, 7)).isEqualTo(Xmins.NONE);
        }
        assertThat(Xmins.NONE.said(3, 0, 3, 0)).isEqualTo(new Xmins(3, 3));
    }

    @Test
    void whatIsSaidAgainIsTheSame() {
        Xmins said = Xmins.NONE.said(700, 2, 0, 0);

        assertThat(said.said(700, 2, 0, 0)).isSameAs(said);
        assertThat(said.said(700, 3, 0, 0)).isEqualTo(new Xmins(3 * EPOCH + 700, 0));
        assertThat(said.said(0, 0, 0, 0)).isEqualTo(Xmins.NONE);
    }

    @Test
    void theOldestIsJoinedAlsoWhereTheCounterHasWrappedAround() {
        // Given: the one from before the wrap-around is the older, though its number is greater
        Xmins before = Xmins.NONE.said(-10, 0, 0, 0);
        Xmins behind = Xmins.NONE.said(10, 1, 20, 1);

        // When / Then
        assertThat(before.join(behind)).isEqualTo(new Xmins(EPOCH - 10, EPOCH + 20));
        assertThat(behind.join(before)).isEqualTo(before.join(behind));
        assertThat(before.join(Xmins.NONE)).isEqualTo(before);
    }

    @Test
    void epochsAreComparedWithoutSign() {
        assertThat(new Xmins(-1, 0).join(new Xmins(5, 0))).isEqualTo(new Xmins(5, 0));
    }

    @Test
    void aSlotGoesForwardAndIsWithdrawnButDoesNotGoBack() {
        Xmins held = new Xmins(700, 600);

        assertThat(held.after(new Xmins(800, 500))).isEqualTo(new Xmins(800, 600));
        assertThat(held.after(Xmins.NONE)).isEqualTo(Xmins.NONE);
        assertThat(Xmins.NONE.after(held)).isEqualTo(held);
    }

    @Test
    void theOlderOneIsShownWithoutItsEpoch() {
        assertThat(new Xmins(EPOCH + 700, EPOCH + 650).shown()).hasValue(650);
        assertThat(new Xmins(EPOCH + 700, 0).shown()).hasValue(700);
        assertThat(Xmins.NONE.shown()).isEmpty();
    }

    @Test
    void eachIsShownWithoutItsEpoch() {
        assertThat(new Xmins(EPOCH + 700, 2 * EPOCH - 1).shownXmin()).hasValue(700);
        assertThat(new Xmins(EPOCH + 700, 2 * EPOCH - 1).shownCatalogXmin()).hasValue(EPOCH - 1);
        assertThat(Xmins.NONE.shownXmin()).isEmpty();
        assertThat(Xmins.NONE.shownCatalogXmin()).isEmpty();
    }
}
