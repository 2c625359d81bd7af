package io.walrelay.proxy.console.translate;

import io.walrelay.proxy.console.catalog.Catalog;
import io.walrelay.proxy.console.sql.Query;
import java.time.ZoneId;

/** From a parsed query to one for the engine. */
public final class Translator {
    private Translator() {}

    /**
     * Translates a query.
     *
     * @param statement its text, for the positions of errors
     * @param zone of literals without one
     * @param parameterTypeOids as far as the client gives them
     * @throws io.walrelay.wire.error.PgException with PostgreSQL's SQLSTATE, message and position
     */
    public static Translated translate(
            String statement, Query query, Catalog catalog, ZoneId zone, int[] parameterTypeOids) {
        Translation translation = new Translation(statement, catalog, zone, parameterTypeOids);
        QueryTranslator.Result result = new QueryTranslator(translation).query(query, null);
        return translation.finish(result.sql(), result.columns());
    }
}
