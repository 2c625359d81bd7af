package io.walrelay.proxy;

import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.ConfigurationException;
import io.walrelay.proxy.config.FileLine;
import io.walrelay.proxy.config.Origin;
import io.walrelay.proxy.config.Setting;
import io.walrelay.proxy.config.Settings;
import io.walrelay.proxy.config.Unit;
import io.walrelay.proxy.console.state.FileSetting;
import io.walrelay.proxy.console.state.HbaLine;
import io.walrelay.proxy.console.state.SettingState;
import io.walrelay.proxy.hba.HbaFile;
import io.walrelay.proxy.hba.HbaFileLine;
import io.walrelay.proxy.hba.HbaRule;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/** The settings, and what the files say now, as the console sees them. Any thread. */
final class LiveSettings {
    private final Supplier<Configuration> configuration;

    LiveSettings(Supplier<Configuration> configuration) {
        this.configuration = configuration;
    }

    /** The catalogue with the values in force. */
    List<SettingState> settings() {
        Configuration current = configuration.get();
        List<SettingState> settings = new ArrayList<>();
        for (Setting<?> setting : Settings.all()) {
            settings.add(setting(current, setting));
        }
        return settings;
    }

    private static SettingState setting(Configuration current, Setting<?> setting) {
        Origin origin = current.origin(setting);
        Optional<Origin.File> file = origin instanceof Origin.File line ? Optional.of(line) : Optional.empty();
        String value = current.setting(setting);
        return new SettingState(
                setting.name(),
                value,
                setting.type().unit().map(Unit::label),
                setting.category().title(),
                setting.doc(),
                setting.context().name().toLowerCase(Locale.ROOT),
                setting.type().vartype(),
                source(origin),
                setting.type().minimum(),
                setting.type().maximum(),
                setting.type().choices(),
                setting.bootValue(),
                file.map(line -> line.file().toString()),
                file.map(Origin.File::line).orElse(0),
                current.needsRestart(setting),
                current.show(setting));
    }

    private static String source(Origin origin) {
        return switch (origin) {
            case Origin.Default nobody -> "default";
            case Origin.File line -> "configuration file";
            case Origin.CommandLine options -> "command line";
        };
    }

    /** What the configuration file says now. */
    List<FileSetting> fileSettings() {
        List<FileSetting> lines = new ArrayList<>();
        for (FileLine line : configuration.get().fileLines()) {
            lines.add(new FileSetting(
                    line.file().map(Path::toString),
                    line.line(),
                    lines.size() + 1,
                    line.name(),
                    line.shown(),
                    line.applied(),
                    line.error()));
        }
        return lines;
    }

    /** What hba_file says now. @throws PgException 58P01 if it cannot be read */
    List<HbaLine> hbaLines() {
        Optional<Path> file = configuration.get().get(Settings.HBA_FILE);
        if (file.isEmpty()) {
            return List.of();
        }
        try {
            return HbaFile.lines(file.get()).stream().map(LiveSettings::hbaLine).toList();
        } catch (ConfigurationException e) {
            throw PgException.error(
                            SqlState.UNDEFINED_FILE, e.problems().getFirst().message())
                    .withCause(e);
        }
    }

    private static HbaLine hbaLine(HbaFileLine line) {
        Optional<HbaRule> rule = line.rule();
        return new HbaLine(
                line.origin().file().toString(),
                line.origin().line(),
                rule.map(good -> good.type().name().toLowerCase(Locale.ROOT)),
                rule.map(HbaRule::shownDatabases).orElse(List.of()),
                rule.map(HbaRule::shownUsers).orElse(List.of()),
                rule.flatMap(HbaRule::shownAddress),
                rule.flatMap(HbaRule::shownNetmask),
                rule.map(good -> good.method().name().toLowerCase(Locale.ROOT).replace('_', '-')),
                rule.map(HbaRule::shownOptions).orElse(List.of()),
                line.error());
    }
}
