package io.walrelay.replication;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.walrelay.replication", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String ROOT = "io.walrelay.replication";
    private static final String[] JDK = {"java.lang..", "java.util..", "java.time..", "java.nio..", "org.jspecify.."};

    @ArchTest
    static final ArchRule rootKnowsTheJdkOnly = only(ROOT);

    @ArchTest
    static final ArchRule commandKnowsTheRoot = only(ROOT + ".command");

    @ArchTest
    static final ArchRule timelineKnowsTheRoot = only(ROOT + ".timeline");

    @ArchTest
    static final ArchRule copybothKnowsTheRootAndBuffers = only(ROOT + ".copyboth", "io.netty.buffer..");

    @ArchTest
    static final ArchRule walKnowsTheRootAndBuffers = only(ROOT + ".wal", "io.netty.buffer..");

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching("io.walrelay.replication.(*)..").should().beFreeOfCycles();

    /** Neither sockets nor files: java.net, java.io and java.nio.file stay outside. */
    @ArchTest
    static final ArchRule opensNoSocketAndNoFile = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.io..", "java.net..", "java.nio.file..", "java.nio.channels..");

    private static ArchRule only(String itself, String... others) {
        String[] allowed = new String[JDK.length + others.length + 2];
        allowed[0] = itself;
        allowed[1] = ROOT;
        System.arraycopy(JDK, 0, allowed, 2, JDK.length);
        System.arraycopy(others, 0, allowed, 2 + JDK.length, others.length);
        return classes()
                .that()
                .resideInAPackage(itself)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(allowed);
    }
}
