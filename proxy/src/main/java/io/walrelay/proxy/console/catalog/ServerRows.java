package io.walrelay.proxy.console.catalog;

import static io.walrelay.proxy.console.catalog.Rows.row;

import io.walrelay.proxy.console.ConsoleClient;
import io.walrelay.proxy.console.ConsoleSettings.Shown;
import io.walrelay.proxy.console.state.RelayState;
import io.walrelay.proxy.console.state.RoleState;
import io.walrelay.proxy.console.state.SettingState;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Databases, roles, settings and the files that they come from. */
final class ServerRows {
    private ServerRows() {}

    /** A relay has no databases: there is the one that the client asked for, and {@code postgres}. */
    private static Set<String> databaseNames(ConsoleClient client) {
        Set<String> names = new LinkedHashSet<>(List.of("postgres"));
        names.add(client.database());
        return names;
    }

    static long databaseOid(ConsoleClient client, String name) {
        long oid = 5;
        for (String known : databaseNames(client)) {
            if (known.equals(name)) {
                return oid;
            }
            oid = 16_382;
        }
        return 0;
    }

    static List<Map<String, @Nullable Object>> databases(RelayState relay, ConsoleClient client) {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        for (String name : databaseNames(client)) {
            rows.add(row(
                    "oid",
                    databaseOid(client, name),
                    "datname",
                    name,
                    "datdba",
                    Roles.OWNER,
                    "encoding",
                    6,
                    "datlocprovider",
                    "c",
                    "datistemplate",
                    false,
                    "datallowconn",
                    true,
                    "datconnlimit",
                    -1,
                    "datlastsysoid",
                    12_000L,
                    "datfrozenxid",
                    0L,
                    "datminmxid",
                    0L,
                    "dattablespace",
                    1663L,
                    "datcollate",
                    "C",
                    "datctype",
                    "C"));
        }
        return rows;
    }

    static List<Map<String, @Nullable Object>> databaseStatistics(RelayState relay, ConsoleClient client) {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        for (String name : databaseNames(client)) {
            int backends = (int) relay.backends().stream()
                    .filter(backend -> backend.database().map(name::equals).orElse(false))
                    .count();
            rows.add(row(
                    "datid",
                    databaseOid(client, name),
                    "datname",
                    name,
                    "numbackends",
                    backends,
                    "stats_reset",
                    relay.started()));
        }
        return rows;
    }

    static List<Map<String, @Nullable Object>> roles(RelayState relay) {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        rows.add(role(new RoleState("walrelay", true), Roles.OWNER, false));
        List<RoleState> roles = relay.roles();
        for (int i = 0; i < roles.size(); i++) {
            rows.add(role(roles.get(i), Roles.oid(i), true));
        }
        return rows;
    }

    private static Map<String, @Nullable Object> role(RoleState role, long oid, boolean login) {
        return row(
                "oid",
                oid,
                "rolname",
                role.name(),
                "rolsuper",
                role.admin(),
                "rolinherit",
                true,
                "rolcreaterole",
                false,
                "rolcreatedb",
                false,
                "rolcanlogin",
                login,
                "rolreplication",
                login,
                "rolconnlimit",
                -1,
                "rolpassword",
                "********",
                "rolbypassrls",
                false);
    }

    static List<Map<String, @Nullable Object>> users(RelayState relay) {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        List<RoleState> roles = relay.roles();
        for (int i = 0; i < roles.size(); i++) {
            rows.add(row(
                    "usename",
                    roles.get(i).name(),
                    "usesysid",
                    Roles.oid(i),
                    "usecreatedb",
                    false,
                    "usesuper",
                    roles.get(i).admin(),
                    "userepl",
                    true,
                    "usebypassrls",
                    false,
                    "passwd",
                    "********"));
        }
        return rows;
    }

    /** The relay's own settings, then those that it takes over from the mirrored server. */
    static List<Map<String, @Nullable Object>> settings(RelayState relay, ConsoleClient client) {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        List<SettingState> own = relay.settings();
        for (SettingState setting : own) {
            rows.add(row(
                    "name",
                    setting.name(),
                    "setting",
                    setting.setting(),
                    "unit",
                    setting.unit(),
                    "category",
                    setting.category(),
                    "short_desc",
                    setting.shortDescription(),
                    "context",
                    setting.context(),
                    "vartype",
                    setting.varType(),
                    "source",
                    setting.source(),
                    "min_val",
                    setting.minimum(),
                    "max_val",
                    setting.maximum(),
                    "enumvals",
                    setting.choices().isEmpty() ? null : setting.choices(),
                    "boot_val",
                    setting.bootValue(),
                    "reset_val",
                    setting.setting(),
                    "sourcefile",
                    client.admin() ? setting.sourceFile().orElse(null) : null,
                    "sourceline",
                    client.admin() && setting.sourceFile().isPresent() ? setting.sourceLine() : null,
                    "pending_restart",
                    setting.pendingRestart()));
        }
        Set<String> known = own.stream().map(SettingState::name).collect(Collectors.toSet());
        for (Shown shown : client.settings().showAll()) {
            if (!known.contains(shown.name())) {
                rows.add(row(
                        "name",
                        shown.name(),
                        "setting",
                        shown.value(),
                        "category",
                        "Mirrored server",
                        "short_desc",
                        shown.description(),
                        "context",
                        "internal",
                        "vartype",
                        "string",
                        "source",
                        "default",
                        "boot_val",
                        shown.value(),
                        "reset_val",
                        shown.value(),
                        "pending_restart",
                        false));
            }
        }
        return rows;
    }

    static List<Map<String, @Nullable Object>> fileSettings(RelayState relay) {
        return relay.fileSettings().stream()
                .map(setting -> row(
                        "sourcefile",
                        setting.file(),
                        "sourceline",
                        setting.line() == 0 ? null : setting.line(),
                        "seqno",
                        setting.number(),
                        "name",
                        setting.name(),
                        "setting",
                        setting.setting(),
                        "applied",
                        setting.applied(),
                        "error",
                        setting.error()))
                .toList();
    }

    /** As in PostgreSQL, bad lines have no number. */
    private static int ruleNumber(List<Map<String, @Nullable Object>> before) {
        return 1 + (int) before.stream().filter(row -> row.get("error") == null).count();
    }

    static List<Map<String, @Nullable Object>> hba(RelayState relay) {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        relay.hbaLines()
                .forEach(line -> rows.add(row(
                        "rule_number",
                        line.error().isPresent() ? null : ruleNumber(rows),
                        "file_name",
                        line.file(),
                        "line_number",
                        line.line(),
                        "type",
                        line.type(),
                        "database",
                        line.error().isPresent() ? null : line.databases(),
                        "user_name",
                        line.error().isPresent() ? null : line.users(),
                        "address",
                        line.address(),
                        "netmask",
                        line.netmask(),
                        "auth_method",
                        line.method(),
                        "options",
                        line.options().isEmpty() ? null : line.options(),
                        "error",
                        line.error())));
        return rows;
    }
}
