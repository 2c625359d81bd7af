package io.walrelay.replication.command;

import io.walrelay.replication.command.ReplicationCommand.BaseBackup;
import io.walrelay.replication.command.ReplicationCommand.Option;
import io.walrelay.replication.command.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The grammar of options: the list in parentheses of 15 and newer, the keywords of old, those of an output plugin. */
final class OptionGrammar {
    /** The first major that takes options in parentheses for BASE_BACKUP and CREATE_REPLICATION_SLOT. */
    private static final int GENERIC_OPTIONS = 15;

    private final TokenStream tokens;
    private final Map<String, Keyword> keywords;
    private final boolean generic;

    OptionGrammar(TokenStream tokens, Dialect dialect) {
        this.tokens = tokens;
        this.keywords = dialect.keywords();
        this.generic = dialect.major() >= GENERIC_OPTIONS;
    }

    /** {@code option [value] [, ...] )}, behind the opening parenthesis. */
    List<ParsedOption> genericList() {
        List<ParsedOption> options = new ArrayList<>();
        do {
            options.add(genericOption());
        } while (tokens.accept(','));
        tokens.expect(')');
        return options;
    }

    private ParsedOption genericOption() {
        String name = optionName(tokens.take());
        Token value = tokens.peek();
        return switch (value.kind()) {
            case IDENTIFIER, STRING -> ParsedOption.of(name, tokens.take().text());
            case NUMBER -> ParsedOption.of(name, (int) tokens.take().number());
            case KEYWORD, POSITION, CHARACTER, END -> ParsedOption.of(name);
        };
    }

    /** A name may be a keyword too, except that PostgreSQL forgot one. */
    private static String optionName(Token token) {
        boolean allowed = token.is(Kind.IDENTIFIER)
                || (token.is(Kind.KEYWORD) && !token.isKeyword(Keyword.READ_REPLICATION_SLOT));
        if (!allowed) {
            throw RefusedException.syntaxError();
        }
        return token.is(Kind.KEYWORD) ? lower(token.text()) : token.text();
    }

    /** What may follow in CREATE_REPLICATION_SLOT. */
    List<ParsedOption> createSlot() {
        if (generic && tokens.accept('(')) {
            return genericList();
        }
        List<ParsedOption> options = new ArrayList<>();
        Optional<ParsedOption> option = legacySlotOption();
        while (option.isPresent()) {
            options.add(option.get());
            option = legacySlotOption();
        }
        return options;
    }

    private Optional<ParsedOption> legacySlotOption() {
        return keywordAhead().flatMap(keyword -> switch (keyword) {
            case EXPORT_SNAPSHOT -> taken(ParsedOption.of("snapshot", "export"));
            case NOEXPORT_SNAPSHOT -> taken(ParsedOption.of("snapshot", "nothing"));
            case USE_SNAPSHOT -> taken(ParsedOption.of("snapshot", "use"));
            case RESERVE_WAL -> taken(ParsedOption.of("reserve_wal"));
            case TWO_PHASE -> taken(ParsedOption.of("two_phase"));
            default -> Optional.empty();
        });
    }

    /** What may follow BASE_BACKUP: nothing, a list in parentheses from 15 on, keywords before. */
    BaseBackup baseBackup() {
        if (generic) {
            return new BaseBackup(tokens.accept('(') ? ParsedOption.options(genericList()) : List.of());
        }
        List<Option> options = new ArrayList<>();
        Optional<ParsedOption> option = legacyBackupOption();
        while (option.isPresent()) {
            options.add(option.get().option());
            option = legacyBackupOption();
        }
        return new BaseBackup(options);
    }

    private Optional<ParsedOption> legacyBackupOption() {
        return keywordAhead().flatMap(keyword -> switch (keyword) {
            case PROGRESS, FAST, WAL, NOWAIT, TABLESPACE_MAP, NOVERIFY_CHECKSUMS ->
                taken(ParsedOption.of(lower(keyword.name())));
            case LABEL, MANIFEST, MANIFEST_CHECKSUMS -> {
                tokens.take();
                yield Optional.of(ParsedOption.of(
                        lower(keyword.name()), tokens.expect(Kind.STRING).text()));
            }
            case MAX_RATE -> {
                tokens.take();
                yield Optional.of(ParsedOption.of(
                        "max_rate", (int) tokens.expect(Kind.NUMBER).number()));
            }
            default -> Optional.empty();
        });
    }

    /** {@code [( name ['value'] [, ...] )]}, for an output plugin. */
    List<Option> plugin() {
        List<Option> options = new ArrayList<>();
        if (!tokens.accept('(')) {
            return options;
        }
        do {
            String name = tokens.expect(Kind.IDENTIFIER).text();
            boolean hasValue = tokens.peek().is(Kind.STRING);
            options.add(new Option(name, hasValue ? Optional.of(tokens.take().text()) : Optional.empty()));
        } while (tokens.accept(','));
        tokens.expect(')');
        return options;
    }

    private Optional<Keyword> keywordAhead() {
        Token ahead = tokens.peek();
        return ahead.is(Kind.KEYWORD) ? Optional.ofNullable(keywords.get(ahead.text())) : Optional.empty();
    }

    private Optional<ParsedOption> taken(ParsedOption option) {
        tokens.take();
        return Optional.of(option);
    }

    private static String lower(String keyword) {
        return keyword.toLowerCase(Locale.ROOT);
    }
}
