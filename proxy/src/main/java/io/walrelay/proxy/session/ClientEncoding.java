package io.walrelay.proxy.session;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The names of encodings that PostgreSQL knows ({@code encnames.c}). Nothing is ever converted here: a walsender
 * without a database has the encoding SQL_ASCII, from and to which there is no conversion.
 */
final class ClientEncoding {
    /** Encodings under their own names, each followed by its other names. */
    private static final List<List<String>> ENCODINGS = List.of(
            List.of("SQL_ASCII"),
            List.of("EUC_JP"),
            List.of("EUC_CN"),
            List.of("EUC_KR"),
            List.of("EUC_TW"),
            List.of("EUC_JIS_2004"),
            List.of("UTF8", "UNICODE"),
            List.of("MULE_INTERNAL"),
            List.of("LATIN1", "ISO88591"),
            List.of("LATIN2", "ISO88592"),
            List.of("LATIN3", "ISO88593"),
            List.of("LATIN4", "ISO88594"),
            List.of("LATIN5", "ISO88599"),
            List.of("LATIN6", "ISO885910"),
            List.of("LATIN7", "ISO885913"),
            List.of("LATIN8", "ISO885914"),
            List.of("LATIN9", "ISO885915"),
            List.of("LATIN10", "ISO885916"),
            List.of("WIN1256"),
            List.of("WIN1258", "ABC", "TCVN", "TCVN5712", "VSCII"),
            List.of("WIN866", "ALT"),
            List.of("WIN874"),
            List.of("KOI8R", "KOI8"),
            List.of("WIN1251", "WIN"),
            List.of("WIN1252"),
            List.of("ISO_8859_5"),
            List.of("ISO_8859_6"),
            List.of("ISO_8859_7"),
            List.of("ISO_8859_8"),
            List.of("WIN1250"),
            List.of("WIN1253"),
            List.of("WIN1254"),
            List.of("WIN1255"),
            List.of("WIN1257"),
            List.of("KOI8U"),
            List.of("SJIS", "MSKANJI", "SHIFTJIS", "WIN932", "WINDOWS932"),
            List.of("BIG5", "WIN950", "WINDOWS950"),
            List.of("GBK", "WIN936", "WINDOWS936"),
            List.of("UHC", "WIN949", "WINDOWS949"),
            List.of("GB18030"),
            List.of("JOHAB"),
            List.of("SHIFT_JIS_2004"));

    private static final Map<String, String> BY_CLEAN_NAME = byCleanName();

    private ClientEncoding() {}

    private static Map<String, String> byCleanName() {
        Map<String, String> names = new HashMap<>();
        for (List<String> encoding : ENCODINGS) {
            for (String name : encoding) {
                names.put(clean(name), encoding.getFirst());
                names.put(clean(name).replaceFirst("^win(?=12|8)", "windows"), encoding.getFirst());
            }
        }
        return Map.copyOf(names);
    }

    /** Letters and digits alone count, in whatever case. */
    private static String clean(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    }

    /** The encoding as the server spells it; empty if it has none of that name. */
    static Optional<String> canonical(String name) {
        return Optional.ofNullable(BY_CLEAN_NAME.get(clean(name)));
    }
}
