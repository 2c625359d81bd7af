package io.walrelay.proxy.syncrep;

/** A token of {@code synchronous_standby_names}. */
sealed interface StandbyNamesToken {
    /** As it stands in the text: what an error is reported near. Of a quoted name only the closing quote. */
    String text();

    /** A name, quoted or not, or {@code *}. */
    record Name(String name, String text) implements StandbyNamesToken {}

    /** Digits: a count or a name. */
    record Digits(String text) implements StandbyNamesToken {}

    /** The word ANY, in any case. */
    record Any(String text) implements StandbyNamesToken {}

    /** The word FIRST, in any case. */
    record First(String text) implements StandbyNamesToken {}

    /** A parenthesis or a comma. */
    record Punctuation(String text) implements StandbyNamesToken {}

    /** What can stand nowhere. */
    record Junk(String text) implements StandbyNamesToken {}

    /** Nothing more. */
    record End() implements StandbyNamesToken {
        @Override
        public String text() {
            return "";
        }
    }
}
