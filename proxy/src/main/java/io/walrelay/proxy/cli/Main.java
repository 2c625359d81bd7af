package io.walrelay.proxy.cli;

import io.walrelay.wire.error.PgException;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program. Exit codes: 0 done, 1 it failed, 2 it was called wrongly. */
@Command(
        name = "walrelay",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "A PostgreSQL streaming-replication proxy: a WAL-only node for stock PostgreSQL.",
        commandListHeading = "%nCommands:%n",
        optionListHeading = "%nOptions:%n")
public final class Main implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls anything
    private CommandSpec spec;

    private Main() {}

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        System.exit(commandLine(Programs.RELAY, Programs.DEMO).execute(arguments));
    }

    static CommandLine commandLine(Relay.Starter relay, DemoCommand.Demo demo) {
        return new CommandLine(new Main())
                .addSubcommand(new DemoCommand(demo))
                .addSubcommand(new ServeCommand(relay))
                .addSubcommand(new CheckConfigCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Main::wrongCall)
                .setExecutionExceptionHandler(Main::failed);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    private static int wrongCall(ParameterException e, String[] arguments) {
        CommandLine command = e.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("walrelay: " + e.getMessage());
        err.println("Try \"" + command.getCommandSpec().qualifiedName() + " --help\" for more information.");
        err.flush();
        return CommandLine.ExitCode.USAGE;
    }

    /** What the operator can mend is told in a line or two; only a defect of the program shows where it happened. */
    private static int failed(Exception e, CommandLine command, CommandLine.ParseResult result) {
        PrintWriter err = command.getErr();
        switch (e) {
            case PgException pg -> {
                err.println("walrelay: " + pg.message());
                pg.detail().ifPresent(detail -> err.println("DETAIL:  " + detail));
                pg.hint().ifPresent(hint -> err.println("HINT:  " + hint));
            }
            case IOException io -> err.println("walrelay: " + io.getMessage());
            default -> {
                err.println("walrelay: this is a defect of the program: " + e);
                e.printStackTrace(err);
            }
        }
        err.flush();
        return CommandLine.ExitCode.SOFTWARE;
    }

    /** The program and the version that the build wrote into the jar. */
    static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return "walrelay " + (version == null ? "(not packaged)" : version);
    }

    /** Answers --version. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {version()};
        }
    }
}
