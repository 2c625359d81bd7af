package io.walrelay.replication.command;

import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The keywords of the replication grammar, with the majors whose lexer knows them ({@code repl_scanner.l}). They are
 * upper case and case-sensitive; where a lexer does not know one, it is an ordinary identifier.
 */
enum Keyword {
    IDENTIFY_SYSTEM(true),
    SHOW(true),
    TIMELINE_HISTORY(true),
    CREATE_REPLICATION_SLOT(true),
    ALTER_REPLICATION_SLOT(true, 17),
    DROP_REPLICATION_SLOT(true),
    READ_REPLICATION_SLOT(true, 15),
    START_REPLICATION(true),
    BASE_BACKUP(true),
    UPLOAD_MANIFEST(true, 17),

    SLOT(false),
    PHYSICAL(false),
    LOGICAL(false),
    TIMELINE(false),
    TEMPORARY(false),
    RESERVE_WAL(false),
    WAIT(false),
    EXPORT_SNAPSHOT(false),
    NOEXPORT_SNAPSHOT(false),
    USE_SNAPSHOT(false),
    TWO_PHASE(false, 15),

    LABEL(false, 10, 14),
    PROGRESS(false, 10, 14),
    FAST(false, 10, 14),
    WAL(false, 10, 14),
    NOWAIT(false, 10, 14),
    MAX_RATE(false, 10, 14),
    TABLESPACE_MAP(false, 10, 14),
    NOVERIFY_CHECKSUMS(false, 11, 14),
    MANIFEST(false, 13, 14),
    MANIFEST_CHECKSUMS(false, 13, 14);

    private final boolean command;
    private final int from;
    private final int to;

    Keyword(boolean command) {
        this(command, 10);
    }

    Keyword(boolean command, int from) {
        this(command, from, Integer.MAX_VALUE);
    }

    Keyword(boolean command, int from, int to) {
        this.command = command;
        this.from = from;
        this.to = to;
    }

    /** Whether a text that begins with it is a replication command, whatever follows. */
    boolean beginsCommand() {
        return command;
    }

    /** The keywords of one major, by their text. */
    static Map<String, Keyword> of(int major) {
        return Collections.unmodifiableMap(Arrays.stream(values())
                .filter(keyword -> keyword.from <= major && major <= keyword.to)
                .collect(Collectors.toMap(Keyword::name, Function.identity())));
    }
}
