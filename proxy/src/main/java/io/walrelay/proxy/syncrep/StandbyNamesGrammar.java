package io.walrelay.proxy.syncrep;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads {@code synchronous_standby_names} with the grammar of PostgreSQL's {@code syncrep_gram.y}:
 *
 * <pre>
 *   list | NUM ( list ) | FIRST NUM ( list ) | ANY NUM ( list )
 *   list: name | list , name          name: NAME | NUM
 * </pre>
 */
final class StandbyNamesGrammar {
    private static final BigInteger LONGEST = BigInteger.valueOf(Long.MAX_VALUE);

    private final StandbyNamesScanner scanner;
    private StandbyNamesToken token;

    private StandbyNamesGrammar(String text) throws StandbyNamesException {
        scanner = new StandbyNamesScanner(text);
        token = scanner.next();
    }

    static SyncStandbyNames parse(String text) throws StandbyNamesException {
        return new StandbyNamesGrammar(text).config();
    }

    private SyncStandbyNames config() throws StandbyNamesException {
        SyncStandbyNames names;
        if (token instanceof StandbyNamesToken.Any) {
            advance();
            names = counted(SyncMethod.QUORUM, number());
        } else if (token instanceof StandbyNamesToken.First) {
            advance();
            names = counted(SyncMethod.PRIORITY, number());
        } else if (token instanceof StandbyNamesToken.Digits number) {
            advance();
            // A number is a count only where a parenthesis follows; else it is the first name of a list.
            names = isPunctuation("(")
                    ? counted(SyncMethod.PRIORITY, number.text())
                    : new SyncStandbyNames(SyncMethod.PRIORITY, 1, list(number.text()));
        } else {
            names = new SyncStandbyNames(SyncMethod.PRIORITY, 1, list(name()));
        }
        if (!(token instanceof StandbyNamesToken.End)) {
            throw unexpected();
        }
        if (names.numSync() <= 0) {
            throw StandbyNamesException.tooFew(names.numSync());
        }
        return names;
    }

    private SyncStandbyNames counted(SyncMethod method, String count) throws StandbyNamesException {
        punctuation("(");
        List<String> members = list(name());
        punctuation(")");
        return new SyncStandbyNames(method, count(count), members);
    }

    /** What {@code atoi} makes of digits, where there are too many of them for an int, too. */
    private static int count(String digits) {
        return new BigInteger(digits).min(LONGEST).intValue();
    }

    private List<String> list(String first) throws StandbyNamesException {
        List<String> members = new ArrayList<>();
        members.add(first);
        while (isPunctuation(",")) {
            advance();
            members.add(name());
        }
        return members;
    }

    private String name() throws StandbyNamesException {
        if (token instanceof StandbyNamesToken.Name name) {
            advance();
            return name.name();
        }
        return number();
    }

    private String number() throws StandbyNamesException {
        if (token instanceof StandbyNamesToken.Digits number) {
            advance();
            return number.text();
        }
        throw unexpected();
    }

    private void punctuation(String text) throws StandbyNamesException {
        if (!isPunctuation(text)) {
            throw unexpected();
        }
        advance();
    }

    private boolean isPunctuation(String text) {
        return token instanceof StandbyNamesToken.Punctuation punctuation
                && punctuation.text().equals(text);
    }

    private void advance() throws StandbyNamesException {
        token = scanner.next();
    }

    private StandbyNamesException unexpected() {
        String where = token instanceof StandbyNamesToken.End ? "end of input" : "or near \"" + token.text() + "\"";
        return StandbyNamesException.syntax("syntax error at " + where);
    }
}
