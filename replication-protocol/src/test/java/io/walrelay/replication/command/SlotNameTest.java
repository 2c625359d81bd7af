package io.walrelay.replication.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.replication.command.SlotName.Invalid;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlotNameTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "pg_receivewal_1",
                "0",
                "_",
                "x2345678901234567890123456789012345678901234567890123456789012_"
            })
    void acceptsLowerCaseLettersDigitsAndUnderscores(String name) {
        assertThat(SlotName.validate(name)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"A", "a.b", "a b", "é", "a-b", "a\"b", "$"})
    void refusesOtherCharactersWithHint(String name) {
        assertThat(SlotName.validate(name))
                .contains(new Invalid(
                        "42602",
                        "replication slot name \"" + name + "\" contains invalid character",
                        Optional.of("Replication slot names may only contain lower case letters, numbers,"
                                + " and the underscore character.")));
    }

    @Test
    void refusesEmptyName() {
        assertThat(SlotName.validate(""))
                .contains(new Invalid("42602", "replication slot name \"\" is too short", Optional.empty()));
    }

    @Test
    void refusesNameOf64Bytes() {
        String name = "x".repeat(64);
        assertThat(SlotName.validate(name))
                .contains(new Invalid("42622", "replication slot name \"" + name + "\" is too long", Optional.empty()));
    }
}
