package io.walrelay.bench;

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

/** The arrows among the packages of the benchmark, and from there to the program. */
@AnalyzeClasses(packages = "io.walrelay.bench", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    private static final String OURS = "io.walrelay..";

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching("io.walrelay.bench.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule figuresArePure = onlyOnItselfAnd("figure");

    @ArchTest
    static final ArchRule reportsSeeFiguresOnly = onlyOnItselfAnd("report", "io.walrelay.bench.figure..");

    /** The relay is a process like its peers: nothing of it runs in the benchmark's own. */
    @ArchTest
    static final ArchRule theRelayIsMeasuredFromOutside = noClasses()
            .that(resideOutsideOfPackages("io.walrelay.bench.micro.."))
            .should()
            .dependOnClassesThat(resideInAPackage("io.walrelay.proxy..")
                    .and(resideOutsideOfPackages("io.walrelay.proxy.embedded..", "io.walrelay.proxy.transport..")));

    private static ArchRule onlyOnItselfAnd(String self, String... others) {
        String[] allowed = new String[others.length + 1];
        allowed[0] = "io.walrelay.bench." + self + "..";
        System.arraycopy(others, 0, allowed, 1, others.length);
        return classes()
                .that()
                .resideInAPackage(allowed[0])
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(allowed).or(resideOutsideOfPackages(OURS)));
    }
}
