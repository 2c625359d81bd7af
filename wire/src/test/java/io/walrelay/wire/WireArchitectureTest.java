package io.walrelay.wire;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows between the packages: error ← message ← codec, and error ← message ← auth. */
@AnalyzeClasses(packages = "io.walrelay.wire", importOptions = ImportOption.DoNotIncludeTests.class)
class WireArchitectureTest {
    @ArchTest
    static final ArchRule knowsNothingOfReplicationAndTheProgram = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.walrelay.replication..", "io.walrelay.proxy..");

    @ArchTest
    static final ArchRule errorsStandAlone = classes()
            .that()
            .resideInAPackage("..wire.error..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("..wire.error..", "java..", "org.jspecify..");

    @ArchTest
    static final ArchRule messagesKnowOnlyErrorsAndBuffers = classes()
            .that()
            .resideInAPackage("..wire.message..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "..wire.message..",
                    "..wire.error..",
                    "io.netty.buffer..",
                    "io.netty.util..",
                    "java..",
                    "org.jspecify..");

    @ArchTest
    static final ArchRule authenticationIsPure = noClasses()
            .that()
            .resideInAPackage("..wire.auth..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.netty..", "..wire.codec..", "java.net..", "java.nio.channels..");

    @ArchTest
    static final ArchRule codecsKnowNothingOfAuthentication = noClasses()
            .that()
            .resideInAPackage("..wire.codec..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("..wire.auth..");

    @ArchTest
    static final ArchRule packagesAreFreeOfCycles =
            slices().matching("io.walrelay.wire.(*)..").should().beFreeOfCycles();
}
