package io.walrelay.proxy;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows among the packages of the program. */
@AnalyzeClasses(packages = "io.walrelay.proxy", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    private static final String PROXY = "io.walrelay.proxy..";

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching("io.walrelay.proxy.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule synchronousStandbysArePure = onlyOnItselfAnd("syncrep");

    /** The value of synchronous_standby_names is a list with a grammar of its own, which is checked when it is read. */
    @ArchTest
    static final ArchRule settingsDependOnTheGrammarOfStandbyNamesAtMost = onlyOnItselfAnd("config", "syncrep");

    @ArchTest
    static final ArchRule accessRulesDependOnSettingsAtMost = onlyOnItselfAnd("hba", "config");

    /** It sees neither sockets nor the relay: a session gives it messages and takes answers. */
    @ArchTest
    static final ArchRule queryProtocolDependsOnTheConsolesInterfaceAtMost = onlyOnItselfAnd("query", "console");

    @ArchTest
    static final ArchRule embeddedPostgresDependsOnNoOtherPackage = onlyOnItselfAnd("embedded");

    @ArchTest
    static final ArchRule fileSystemSeamDependsOnNoOtherPackage = onlyOnItselfAnd("storage");

    @ArchTest
    static final ArchRule walStoreDependsOnStorageAndSettingsAtMost = onlyOnItselfAnd("wal", "storage", "config");

    @ArchTest
    static final ArchRule nobodyDependsOnTheCommandLine = noClasses()
            .that(resideOutsideOfPackages("io.walrelay.proxy.cli.."))
            .should()
            .dependOnClassesThat(resideInAPackage("io.walrelay.proxy.cli.."));

    @ArchTest
    static final ArchRule onlyThePartsBehindTheCommandLineUseJdbcAndArchives = noClasses()
            .that(resideOutsideOfPackages("io.walrelay.proxy.embedded..", "io.walrelay.proxy.demo.."))
            .should()
            .dependOnClassesThat(resideInAnyPackage("org.postgresql..", "org.tukaani..", "org.apache.commons.."));

    @ArchTest
    static final ArchRule consoleDependsOnNoOtherPackage = onlyOnItselfAnd("console");

    @ArchTest
    static final ArchRule onlyTheConsolesEngineUsesH2 = noClasses()
            .that(resideOutsideOfPackages("io.walrelay.proxy.console.engine.."))
            .should()
            .dependOnClassesThat(resideInAPackage("org.h2.."));

    /** They are the figures of the views, for another reader. */
    @ArchTest
    static final ArchRule metricsDependOnWhatTheConsoleSeesAtMost = onlyOnItselfAnd("metrics", "console");

    @ArchTest
    static final ArchRule onlyTheMetricsUsePrometheusAndAnHttpServer = noClasses()
            .that(resideOutsideOfPackages("io.walrelay.proxy.metrics.."))
            .should()
            .dependOnClassesThat(resideInAnyPackage("io.prometheus..", "com.sun.net.httpserver.."));

    private static ArchRule onlyOnItselfAnd(String self, String... others) {
        String[] allowed = new String[others.length + 1];
        allowed[0] = PROXY.replace("..", "." + self + "..");
        for (int i = 0; i < others.length; i++) {
            allowed[i + 1] = PROXY.replace("..", "." + others[i] + "..");
        }
        return classes()
                .that()
                .resideInAPackage(allowed[0])
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(allowed).or(resideOutsideOfPackages(PROXY)))
                .allowEmptyShould(true);
    }
}
