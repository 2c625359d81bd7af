package io.walrelay.wire.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CipherStringTest {
    private static List<String> names(String text) {
        return CipherString.suites(text).stream().map(CipherSuite::openSsl).toList();
    }

    @Test
    void postgreSqlsDefaultMeansAllThereAre() {
        assertThat(CipherString.suites(CipherString.DEFAULT)).isEqualTo(CipherSuite.choice());
    }

    @Test
    void suitesAreTakenInTheOrderInWhichTheyAreNamed() {
        assertThat(names("AES128-SHA:ECDHE-RSA-AES256-GCM-SHA384"))
                .containsExactly("AES128-SHA", "ECDHE-RSA-AES256-GCM-SHA384");
    }

    @Test
    void wordsWithAPlusBetweenThemMeanWhatAllOfThemMean() {
        assertThat(names("ECDHE+AESGCM+aRSA"))
                .containsExactly("ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-GCM-SHA256");
    }

    @Test
    void aBannedSuiteDoesNotComeBackButARemovedOneDoes() {
        assertThat(names("AES128-SHA:!AES128-SHA:AES256-SHA:-AES256-SHA:AES128-SHA:AES256-SHA"))
                .containsExactly("AES256-SHA");
    }

    @Test
    void aPlusInFrontMovesToTheEnd() {
        assertThat(names("kRSA:+AESGCM"))
                .containsExactly("AES256-SHA", "AES128-SHA", "AES256-GCM-SHA384", "AES128-GCM-SHA256");
    }

    @Test
    void aStringThatMeansNothingIsNotUsable() {
        assertThat(CipherString.isUsable("nonsense")).isFalse();
        assertThat(CipherString.isUsable("ALL:!ALL")).isFalse();
        assertThat(CipherString.isUsable("")).isFalse();
        assertThat(CipherString.isUsable("nonsense:AES128-SHA")).isTrue();
    }
}
