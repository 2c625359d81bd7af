package io.walrelay.replication.command;

import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.command.ReplicationCommand.AlterSlot;
import io.walrelay.replication.command.ReplicationCommand.CreateLogicalSlot;
import io.walrelay.replication.command.ReplicationCommand.CreatePhysicalSlot;
import io.walrelay.replication.command.ReplicationCommand.DropSlot;
import io.walrelay.replication.command.ReplicationCommand.IdentifySystem;
import io.walrelay.replication.command.ReplicationCommand.ReadSlot;
import io.walrelay.replication.command.ReplicationCommand.Show;
import io.walrelay.replication.command.ReplicationCommand.StartLogical;
import io.walrelay.replication.command.ReplicationCommand.StartPhysical;
import io.walrelay.replication.command.ReplicationCommand.TimelineHistory;
import io.walrelay.replication.command.ReplicationCommand.UploadManifest;
import io.walrelay.replication.command.Token.Kind;
import java.util.List;
import java.util.Optional;

/**
 * The rules of the replication grammar, one method each, behind the command's first keyword. Used once, for one text.
 *
 * <p>Checks that need the whole command come after its end has been seen, since a syntax error further on wins;
 * timeline 0 alone is refused on the spot, as PostgreSQL does.
 */
final class ReplicationGrammar {
    private final TokenStream tokens;
    private final OptionGrammar options;
    private final int serverMajor;

    ReplicationGrammar(ReplicationScanner scanner, Dialect dialect) {
        this.tokens = new TokenStream(scanner);
        this.options = new OptionGrammar(tokens, dialect);
        this.serverMajor = dialect.major();
    }

    /** {@code command [;]}, and then the end. */
    ReplicationCommand firstCommand(Keyword command) {
        return switch (command) {
            case IDENTIFY_SYSTEM -> ended(new IdentifySystem());
            case SHOW -> ended(new Show(variableName()));
            case TIMELINE_HISTORY -> ended(new TimelineHistory(timeline()));
            case CREATE_REPLICATION_SLOT -> createReplicationSlot();
            case ALTER_REPLICATION_SLOT -> alterReplicationSlot();
            case DROP_REPLICATION_SLOT ->
                ended(new DropSlot(tokens.expect(Kind.IDENTIFIER).text(), tokens.accept(Keyword.WAIT)));
            case READ_REPLICATION_SLOT -> ended(new ReadSlot(variableName()));
            case START_REPLICATION -> ended(startReplication());
            case BASE_BACKUP -> ended(options.baseBackup());
            case UPLOAD_MANIFEST -> ended(new UploadManifest());
            default -> throw RefusedException.syntaxError();
        };
    }

    private <T> T ended(T parsed) {
        tokens.accept(';');
        tokens.expect(Kind.END);
        return parsed;
    }

    private String variableName() {
        StringBuilder name = new StringBuilder(tokens.expect(Kind.IDENTIFIER).text());
        while (tokens.accept('.')) {
            name.append('.').append(tokens.expect(Kind.IDENTIFIER).text());
        }
        return name.toString();
    }

    private TimelineId timeline() {
        long timeline = tokens.expect(Kind.NUMBER).number();
        if (timeline == 0) {
            throw RefusedException.syntaxError("invalid timeline 0");
        }
        return TimelineId.of(timeline);
    }

    private ReplicationCommand createReplicationSlot() {
        String slot = tokens.expect(Kind.IDENTIFIER).text();
        boolean temporary = tokens.accept(Keyword.TEMPORARY);
        SlotOptions check = new SlotOptions(serverMajor);
        if (tokens.accept(Keyword.PHYSICAL)) {
            List<ParsedOption> given = ended(options.createSlot());
            return new CreatePhysicalSlot(slot, temporary, check.physical(given));
        }
        tokens.expect(Keyword.LOGICAL);
        String plugin = tokens.expect(Kind.IDENTIFIER).text();
        List<ParsedOption> given = ended(options.createSlot());
        return new CreateLogicalSlot(slot, temporary, plugin, check.logical(given));
    }

    private AlterSlot alterReplicationSlot() {
        String slot = tokens.expect(Kind.IDENTIFIER).text();
        tokens.expect('(');
        List<ParsedOption> given = ended(options.genericList());
        return new AlterSlot(slot, new SlotOptions(serverMajor).alter(given));
    }

    private ReplicationCommand startReplication() {
        Optional<String> slot = tokens.accept(Keyword.SLOT)
                ? Optional.of(tokens.expect(Kind.IDENTIFIER).text())
                : Optional.empty();
        if (slot.isPresent() && tokens.accept(Keyword.LOGICAL)) {
            Lsn start = position();
            return new StartLogical(slot.get(), start, options.plugin());
        }
        tokens.accept(Keyword.PHYSICAL);
        Lsn start = position();
        Optional<TimelineId> timeline = tokens.accept(Keyword.TIMELINE) ? Optional.of(timeline()) : Optional.empty();
        return new StartPhysical(slot, start, timeline);
    }

    private Lsn position() {
        return new Lsn(tokens.expect(Kind.POSITION).number());
    }
}
